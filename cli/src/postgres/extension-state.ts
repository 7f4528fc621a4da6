/** What a database has, and could have, of an extension. */
export interface ExtensionState {
  name: string;
  /** `create extension` has been run. */
  created: boolean;
  /** Its files are there. */
  available: boolean;
}

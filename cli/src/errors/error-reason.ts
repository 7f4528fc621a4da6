/**
 * What exactly went wrong where an error's code covers several cases: what code decides by and tests assert,
 * so that no sentence is read for its words. Part of the interface (`--json` prints it): names are added, not
 * changed.
 */
export type ErrorReason =
  /** The branch is protected. */
  | "BRANCH_PROTECTED"

  // What every command reads.
  /** DS_HOME is a relative path. */
  | "HOME_NOT_ABSOLUTE"
  /** Neither DS_HOME nor HOME is set. */
  | "HOME_UNKNOWN"
  | "NOT_A_DURATION"
  | "NOT_A_CONNECTION_URL"
  /** The address is a connection pooler's. */
  | "POOLED_ADDRESS";

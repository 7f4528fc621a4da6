/**
 * What exactly went wrong where an error's code covers several cases: what code decides by and tests assert,
 * so that no sentence is read for its words. Part of the interface (`--json` prints it): names are added, not
 * changed.
 */
export type ErrorReason =
  /** The branch is protected. */
  "BRANCH_PROTECTED";

/**
 * What exactly went wrong where an error's code covers several cases: what code decides by and tests assert,
 * so that no sentence is read for its words. Part of the interface (`--json` prints it): names are added, not
 * changed.
 */
export type ErrorReason =
  /** The branch is protected. */
  | "BRANCH_PROTECTED"

  // Processes
  /** Others depend on the branch, so nothing is changed on it in passing. */
  | "BRANCH_SHARED"

  // Pulumi
  /** There is a stack of the name already. */
  | "STACK_EXISTS"
  /** Another update has the stack. */
  | "STACK_LOCKED"
  /** Pulumi has no passphrase for the stack's secrets, or a wrong one. */
  | "NO_PASSPHRASE"
  /** Pulumi is not logged in to a backend. */
  | "NO_PULUMI_LOGIN"
  /** Pulumi's command line is not on this machine. */
  | "NO_PULUMI"

  // Cloud stages
  /** The branch of this name was made for another stage. */
  | "BRANCH_OF_OTHER_STAGE"
  /** Somebody deleted the branch while it was being worked on. */
  | "BRANCH_DELETED_MEANWHILE"
  /** The secret of this name is another project's. */
  | "SECRET_OF_OTHER_PROJECT"
  /** The stack is in another backend than the one that Pulumi uses. */
  | "STACK_ELSEWHERE"
  /** All but the stack is gone. */
  | "STACK_LEFT"

  // The audit
  /** A row that is never offered, or that nothing says is stale: `blocker` in the error says which. */
  | "ROW_KEPT"
  /** It is not what it was when it was looked at: `removal` says what has changed. */
  | "ROW_CHANGED"
  /** What one source would have told, and would have to be known, is not: `source` says which. */
  | "SOURCE_UNKNOWN"
  /** A source has not answered in the time that it is given. */
  | "SOURCE_SILENT"

  // Secrets
  /** AWS is not told a region. */
  | "NO_AWS_REGION"

  // Git and GitHub
  /** This is no git checkout. */
  | "NO_CHECKOUT"
  /** Git is not on this machine. */
  | "NO_GIT";

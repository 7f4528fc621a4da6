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
  /** Pulumi has failed with something else: `said` has its words. */
  | "PULUMI_FAILED"
  /** Pulumi's command line is not on this machine. */
  | "NO_PULUMI"

  // Configuration
  /** A configuration file has settings that are wrong: `settings` names them. */
  | "CONFIG_SETTINGS"
  /** A configuration file cannot be compiled: `places` says where. */
  | "CONFIG_NOT_COMPILED"
  /** A configuration file fails when it is evaluated. */
  | "CONFIG_NOT_EVALUATED"
  /** There is no configuration file, and nothing that it could be inferred from. */
  | "NO_CONFIG"
  /** A drizzle config that has to be read cannot be used: `problem` says why. */
  | "DRIZZLE_CONFIG_UNUSABLE"

  // Cloud stages
  /** Which pull request a run of GitHub Actions is for is not certain. */
  | "NO_CERTAIN_PULL_REQUEST"
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
  | "NO_GIT"
  /** Git cannot do what it was asked for. */
  | "GIT_FAILED"
  /** GitHub's own command cannot. */
  | "GH_FAILED";

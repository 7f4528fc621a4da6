/**
 * What exactly went wrong where an error's code covers several cases: what code decides by and tests assert,
 * so that no sentence is read for its words. Part of the interface (`--json` prints it): names are added, not
 * changed.
 */
export type ErrorReason =
  // Branches, stages and the API that has them

  /** The branch is protected. */
  | "BRANCH_PROTECTED"
  /** It is the project's default branch, or called main. */
  | "BRANCH_IS_DEFAULT"
  /** It has no parent. */
  | "BRANCH_IS_ROOT"
  /** Other branches fork from it. */
  | "BRANCH_HAS_CHILDREN"
  /** It has a set end, and so cannot become the default branch. */
  | "BRANCH_EXPIRES"
  /** ds.config.ts declares it as a shared stage. */
  | "BRANCH_IS_SHARED"
  /** Its name is not one that ds gives to a developer's branch. */
  | "NOT_OWN_BRANCH"
  /** The server serves another branch, or does not say which. */
  | "BRANCH_UNPROVEN"
  /** A branch of the project has the name already. */
  | "BRANCH_NAME_TAKEN"
  | "BRANCH_NOT_FOUND"
  /** The stage is one that others work with. */
  | "STAGE_IS_SHARED"
  /** Neither declared nor a name that ds gives to a personal stage. */
  | "STAGE_UNKNOWN"
  | "PROJECT_NOT_FOUND"
  /** Somebody else made a project of the name meanwhile. */
  | "PROJECT_NAME_TAKEN"
  /** Several projects have the name. */
  | "PROJECT_NAME_AMBIGUOUS"
  /** The branch has nothing to connect to. */
  | "ENDPOINT_NOT_FOUND"
  /** The branch has no database of that name. */
  | "DATABASE_NOT_FOUND"
  /** The branch's history does not reach to that moment. */
  | "OUTSIDE_HISTORY"
  /** The branch never changed as a whole, or its recovery point is gone. */
  | "NOTHING_TO_UNDO"
  /** Nothing answers where the API should be. */
  | "API_UNREACHABLE"
  /** NEON_API_HOST is no URL. */
  | "API_HOST_INVALID"
  /** The key would travel as it is. */
  | "API_HOST_UNENCRYPTED"
  | "API_KEY_MISSING"
  /** The API does not accept the key. */
  | "API_KEY_REJECTED"
  /** No engine runs for this home. */
  | "ENGINE_NOT_RUNNING"
  /** No branch, developer or stage can be called so. */
  | "NAME_INVALID"
  /** The developer's name would make a personal stage read like a shared one. */
  | "NAME_RESERVED"
  /** The moment is not written as one, or could be two. */
  | "MOMENT_UNCLEAR"
  | "MOMENT_IN_FUTURE"

  // Processes
  /** Others depend on the branch, so nothing is changed on it in passing. */
  | "BRANCH_SHARED"

  // Pulumi
  /** There is a stack of the name already. */
  | "STACK_EXISTS"
  /** Another update has the stack. */
  | "STACK_LOCKED"
  /** Pulumi has no passphrase for the stack's secrets, or a wrong one. */
  | "PULUMI_PASSPHRASE"
  /** Pulumi is not logged in to a backend. */
  | "PULUMI_LOGIN"
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

  // Secrets
  /** AWS is not told a region. */
  | "NO_AWS_REGION"

  // Git and GitHub
  /** This is no git checkout. */
  | "NO_CHECKOUT"
  /** Git is not on this machine. */
  | "NO_GIT";

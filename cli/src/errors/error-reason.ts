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
  /** The volume that holds the branches has no space left. */
  | "DISK_FULL"
  /** The API does not accept the key. */
  | "API_KEY_REJECTED"
  /** No engine runs for this home. */
  | "ENGINE_NOT_RUNNING"
  /** A flag that the command cannot do without. */
  | "FLAG_MISSING"
  /** No branch, developer or stage can be called so. */
  | "NAME_INVALID"
  /** The developer's name would make a personal stage read like a shared one. */
  | "NAME_RESERVED"
  /** The moment is not written as one, or could be two. */
  | "MOMENT_UNCLEAR"
  | "MOMENT_IN_FUTURE"
  /** The project has a ds.config.ts already. */
  | "CONFIG_EXISTS"
  | "PSQL_MISSING"
  /** The seed command ended with a failure of its own. */
  | "SEED_FAILED"
  /** The env file's path is that of a folder. */
  | "ENV_FILE_IS_FOLDER"
  /** ds.config.ts names no command that loads data. */
  | "SEED_MISSING";

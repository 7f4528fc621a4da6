/**
 * Every reason for which the API refuses or fails, as the field `code` of its error answer. Part of the
 * interface: clients decide by these names, so they are added to and never changed. Neon's cloud sends
 * its own names for a few of them, and an empty code for most.
 */
export type EngineErrorCode =
  // 400: the request itself is wrong.
  /** The body is not JSON. */
  | "BODY_NOT_JSON"
  /** Fields of the body are missing or have a wrong form; the message names each. */
  | "BODY_INVALID"
  /** The same of query parameters. */
  | "QUERY_INVALID"
  /** The cursor is not one that a list gave out. */
  | "CURSOR_INVALID"
  /** What is given as a position in the log is not one. */
  | "LSN_INVALID"
  /** A masking rule cannot be read; the message names each. */
  | "MASKING_RULE_INVALID"
  /** A masking rule calls a function that nothing here means the same as; the message lists those that are known. */
  | "MASKING_FUNCTION_UNKNOWN"
  /** Postgres does not start with these settings; the message has its own words. */
  | "PG_SETTINGS_REFUSED"
  /** The HTTP server refused the request before any route saw it; the status tells more. */
  | "REQUEST_REFUSED"

  // 401, 403, 405, 413: who asks, and how.
  /** 401: the API key is missing or wrong. */
  | "API_KEY_INVALID"
  /** 403: the request came by a name that is not this machine's own. */
  | "HOST_NOT_ALLOWED"
  /** 405: the path exists, with other methods. */
  | "METHOD_NOT_ALLOWED"
  /** 413: the body is larger than the API reads. */
  | "BODY_TOO_LARGE"

  // 404: what the request is about does not exist.
  | "ROUTE_NOT_FOUND"
  | "PROJECT_NOT_FOUND"
  | "BRANCH_NOT_FOUND"
  /** The project has no default branch, which the request needs. */
  | "DEFAULT_BRANCH_NOT_FOUND"
  | "ENDPOINT_NOT_FOUND"
  | "ROLE_NOT_FOUND"
  | "DATABASE_NOT_FOUND"
  | "OPERATION_NOT_FOUND"
  | "SNAPSHOT_NOT_FOUND"
  /** The branch is no anonymized one, so it has neither masking rules nor a state of masking. */
  | "BRANCH_NOT_ANONYMIZED"
  /** No extension of that name was added to the engine's Postgres. */
  | "EXTENSION_NOT_FOUND"
  | "ORGANIZATION_NOT_FOUND"
  | "PERMISSION_NOT_FOUND"
  | "API_KEY_NOT_FOUND"
  /** The branch is being removed, or the engine stops: its Postgres does not start again. */
  | "COMPUTE_RETIRED"

  // 409: there is one already.
  | "BRANCH_ALREADY_EXISTS"
  | "ENDPOINT_ALREADY_EXISTS"
  | "ROLE_ALREADY_EXISTS"
  | "DATABASE_ALREADY_EXISTS"
  /** Databases have the extension, so it cannot be removed; the message names them. */
  | "EXTENSION_IN_USE"
  /** Projects have this version of Postgres, so it cannot be removed; the message names them. */
  | "PG_VERSION_IN_USE"

  // 412 and 422: the state of things does not allow it.
  /** The engine does not know the role's password (412 where only that was asked for). */
  | "PASSWORD_UNKNOWN"
  /** 412: the project was made with `store_passwords: false`, so passwords are told once only. */
  | "PASSWORD_NOT_STORED"
  /** The branch is the default one, which can neither be deleted nor expire. */
  | "BRANCH_IS_DEFAULT"
  /** The branch is protected: it can neither be deleted, restored nor expire. */
  | "BRANCH_PROTECTED"
  /** The branch has children: it can neither be deleted nor expire, nor be restored without a name for them. */
  | "BRANCH_HAS_CHILDREN"
  /** The branch is an anonymized one, which can neither be restored nor lose its endpoint. */
  | "BRANCH_IS_ANONYMIZED"
  /** The branch was made to be anonymized and is not yet: nothing of its data is shown or copied. */
  | "BRANCH_NOT_YET_ANONYMIZED"
  /** A branch without rows needs no masks. */
  | "ANONYMIZED_SCHEMA_ONLY"
  /** There is nothing to mask by. */
  | "MASKING_RULES_MISSING"
  /** A masking rule does not fit the database as it is; the message says why, for each. */
  | "MASKING_RULE_REFUSED"
  /** The branch is the project's first one, which cannot be deleted. */
  | "BRANCH_IS_ROOT"
  /** The branch expires, so it cannot become the default one. */
  | "BRANCH_EXPIRES"
  /** The project has protected branches, so it cannot be deleted. */
  | "PROJECT_HAS_PROTECTED_BRANCHES"
  /** A branch that is restored from itself needs `preserve_under_name`. */
  | "PRESERVE_NAME_REQUIRED"
  /** A branch that is restored from itself needs a moment to go back to. */
  | "POINT_IN_TIME_REQUIRED"
  /** Both a time and a position in the log were given. */
  | "POINT_IN_TIME_AMBIGUOUS"
  /** The moment has not come yet. */
  | "POINT_IN_TIME_IN_FUTURE"
  /** The position lies beyond the end of the branch's log. */
  | "LSN_BEYOND_LOG"
  /** The moment is before the branch's history begins. */
  | "POINT_IN_TIME_BEFORE_HISTORY"
  /** Nothing of the branch's past is kept; the message says why. */
  | "NO_HISTORY"
  /** The branch's Postgres cannot read its own log: it has no pg_walinspect, or is older than 16. */
  | "LOG_NOT_READABLE"
  /** The log was replayed, and Postgres did not get to the moment. */
  | "POINT_IN_TIME_UNREACHABLE"
  /** Schemas are read as they are now; a branch of the moment can be made instead. */
  | "PAST_SCHEMA_UNSUPPORTED"
  /** The branch has several databases, or none, and the request names none. */
  | "DATABASE_NAME_REQUIRED"
  /** A branch without a parent has nothing to be compared with by itself. */
  | "BASE_BRANCH_REQUIRED"
  /** What is in a schema cannot be copied into an empty database. */
  | "SCHEMA_COPY_FAILED"
  /** Branches cannot be archived here. */
  | "ARCHIVE_UNSUPPORTED"
  /** More endpoints were asked for than a branch can have. */
  | "ENDPOINT_LIMIT_EXCEEDED"
  /** An endpoint stays with its branch. */
  | "ENDPOINT_MOVE_UNSUPPORTED"
  /** The endpoint is disabled. */
  | "ENDPOINT_DISABLED"
  /** The lower limit of autoscaling is above the upper one. */
  | "AUTOSCALING_LIMITS_INVALID"
  /** Once enabled, logical replication stays. */
  | "LOGICAL_REPLICATION_PERMANENT"
  /** There is no such library to preload. */
  | "PRELOAD_LIBRARY_UNKNOWN"
  /** The engine has no Postgres of this major version (503 where a project has it). */
  | "PG_VERSION_UNSUPPORTED"
  /** What was named as the bin directory of a Postgres is none, of another version, or others can write to it. */
  | "POSTGRES_UNUSABLE"
  /** The database accepts no connections, not even the engine's. */
  | "DATABASE_CLOSED"
  /** The role owns a database, so it cannot be deleted. */
  | "ROLE_OWNS_DATABASE"
  /** The engine's Postgres takes no extensions from other folders than its own. */
  | "EXTENSIONS_UNSUPPORTED"
  /** What an extension is to be taken from cannot be read: not there, no archive, damaged, too large. */
  | "EXTENSION_SOURCE_UNREADABLE"
  /** The archive has files with paths outside of it, links in the place of files, or far too much. */
  | "EXTENSION_SOURCE_UNSAFE"
  /** The source does not have the extension, or not all of it. */
  | "EXTENSION_NOT_IN_SOURCE"
  /** Only a superuser could create the extension. */
  | "EXTENSION_NOT_TRUSTED"
  /** Postgres cannot load or create the extension; the message has its own words. */
  | "EXTENSION_UNUSABLE"
  /** Postgres refused the change; the message has its own words. */
  | "POSTGRES_REFUSED"
  /** The branch was not made from a snapshot, so there is nothing to finalize. */
  | "BRANCH_NOT_FROM_SNAPSHOT"
  /** The restore was finalized before. */
  | "RESTORE_ALREADY_FINALIZED"
  /** The branch that a restore would replace is gone. */
  | "RESTORE_TARGET_MISSING"

  // 423: try again in a moment.
  /** Something else is being done to the branch. */
  | "CONFLICTING_OPERATIONS"
  /** Somebody's transaction holds a table locked that has to be read. */
  | "TABLE_LOCKED"

  // 500: a fault.
  | "INTERNAL_ERROR"
  /** pg_dump failed for a reason of its own. */
  | "SCHEMA_READ_FAILED"

  // 503: not now.
  /** The engine itself did not start; its log tells why. */
  | "ENGINE_START_FAILED"
  /** The engine is stopping. */
  | "ENGINE_STOPPING"
  /** The branch's Postgres did not start; the message has its own words. */
  | "COMPUTE_START_FAILED"
  /** The branch's Postgres stopped while it was being read. */
  | "COMPUTE_STOPPED"
  /** Reading the schema took too long. */
  | "SCHEMA_READ_TIMEOUT"
  /** The schema is larger than the engine reads. */
  | "SCHEMA_TOO_LARGE"
  /** Two schemas have so little in common that comparing them takes too long. */
  | "SCHEMAS_NOT_COMPARABLE"

  // 507: the disk.
  /** The volume that holds the branches is full; nothing was changed. */
  | "DISK_FULL"
  /** A change was not written completely; the next start completes it. */
  | "CATALOG_BROKEN";

/**
 * Why the engine could not start: names from the `ds` command's table of errors, so that the command
 * which started the engine can exit with the right status.
 */
export type StartErrorCode =
  /** The port, or the home, is in use. */
  | "CONFLICT"
  /** Something that has to be on this machine first is missing. */
  | "PREREQUISITE_MISSING"
  /** What is in the home, or what DS_HOME names, cannot be used. */
  | "CONFIG_INVALID"
  /** The disk is full. */
  | "UPSTREAM"
  /** The engine's own command line is wrong. */
  | "USAGE";

/** What exactly it was, where a code covers several cases; names from the `ds` command's table of reasons. */
export type StartErrorReason =
  /** Files of the home are missing or wrong. */
  "HOME_DAMAGED";

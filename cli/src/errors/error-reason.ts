/**
 * What exactly went wrong where an error's code covers several cases: what code decides by and tests assert,
 * so that no sentence is read for its words. Part of the interface (`--json` prints it): names are added, not
 * changed.
 */
export type ErrorReason =
  /** The branch is protected. */
  | "BRANCH_PROTECTED"

  // Programs that are asked.
  /** git cannot read the checkout. */
  | "GIT_FAILED"
  /** gh does not answer, or not with what it was asked for. */
  | "GITHUB_FAILED"

  // A refresh of the staging data.
  /** What speaks against the copy is in `details.problems`. */
  | "PLAN_REFUSED"
  /** Production and main are one database. */
  | "SAME_DATABASE"
  /** The source does not answer as production does. */
  | "NOT_PRODUCTION"
  /** No row of the tenant table has the key. */
  | "ORGANIZATION_NOT_FOUND"
  /** Several rows of the tenant table have the key. */
  | "ORGANIZATION_AMBIGUOUS"
  /** The key is none of the column's type. */
  | "ORGANIZATION_INVALID"
  /** No table looks like that of the organizations. */
  | "NO_TENANT_TABLE"
  /** The copy would not fit on the disk. */
  | "DISK_FULL"
  /** Somebody else refreshes the same main. */
  | "REFRESH_RUNNING"
  /** Main got migrations while its new data was being put together. */
  | "MIGRATED_MEANWHILE"
  /** Row-level security hides rows from the role that reads. */
  | "ROW_SECURITY"
  /** The role may not do what is needed. */
  | "PERMISSION_DENIED"
  /** The server ended a statement or a session by itself. */
  | "CANCELLED_BY_SERVER"
  /** A copied value does not fit its column. */
  | "VALUE_MISFIT"
  /** Copied rows violate a constraint. */
  | "CONSTRAINT_VIOLATED"
  /** A copied row refers to another organization's, or to a table that is left out. */
  | "CROSS_TENANT_REFERENCE"
  /** The copy holds other rows than it should, or unmasked values. */
  | "COPY_NOT_VERIFIED"
  /** Triggers, indexes or constraints are not as they were before the load. */
  | "STATE_NOT_RESTORED"
  /** No earlier state is kept that could be brought back. */
  | "NOTHING_TO_UNDO";

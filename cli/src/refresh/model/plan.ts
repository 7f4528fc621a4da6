import type { TableName } from "./catalogue.ts";

/**
 * What `refresh-staging` is about to copy, in order: made from the rules and the catalogues before a
 * row is read, printed with --plan, and carried out as it stands.
 */
export interface RefreshPlan {
  tenant: Tenant;
  tables: TablePlan[];
  /** Foreign keys and declared references along which missing parents are fetched, all tables together. */
  references: Reference[];
}

interface Tenant {
  table: TableName;
  /** Column of the tenant table that `value` is one of. */
  key: string;
  /** The organization, as text; it reaches SQL through a setting, never through a statement's text. */
  value: string;
}

/**
 * - `root`: the tenant table itself, one row
 * - `direct`: has the tenant column
 * - `derived`: belongs to the tenant through a NOT NULL foreign key path
 * - `shared`: only the rows that others refer to
 * - `reference`: whole
 * - `keep`: main's own rows, nothing of the source
 * - `skip`: stays empty
 */
export type TableClass = "root" | "direct" | "derived" | "shared" | "reference" | "keep" | "skip";

/** Whether rows of the source come into the table, all of them or some. */
export const isTaken = (of: TableClass): boolean => of !== "keep" && of !== "skip";

export interface TablePlan {
  table: TableName;
  /** What rows are selected from, as SQL: `only "public"."users"`; a partitioned table without `only`. */
  from: string;
  class: TableClass;
  /** No rule means the table: `else` says so. */
  byElse?: true;
  /**
   * Condition on the alias `t` that chooses the tenant's rows; `current_setting('ds.tenant')` in it is the
   * tenant's key. Undefined for `reference` (all) and for `shared`, `keep` and `skip` (none before referenced rows are fetched).
   */
  filter: string | undefined;
  /**
   * Condition on `t` of the rows that may come along because others refer to them, though `filter` did not
   * choose them: `true` for shared tables. Undefined: none; then a missing row is another tenant's.
   */
  followed: string | undefined;
  /** Condition on `t` of the rows that belong to no tenant, whatever becomes of them; undefined: there are none. */
  nobodys: string | undefined;
  /** Why the table belongs to the tenant, for people: `comments -> items -> organizations`. */
  path: string[];
  /**
   * Other NOT NULL paths to the tenant. Each is a condition on `t` that has to hold for every row that
   * `filter` chose; where it does not, two parts of the row belong to different organizations.
   */
  alternatives: { path: string[]; filter: string }[];
  /**
   * `text` where a column's values carry numbers of types that each server gives itself: arrays of enums,
   * composite types.
   */
  format: "binary" | "text";
  /** What is read and loaded, in this order; generated columns are not among them. */
  columns: ColumnPlan[];
  estimatedRows: number;
  bytes: number;
}

export interface ColumnPlan {
  name: string;
  /**
   * SQL expression on the alias `t` whose value is loaded: the column itself, a cast or a mask. Masks take
   * their secret from `current_setting('ds.mask_key')`, which the session has set.
   */
  expression: string;
  /** How the mask is called in the plan (`email`, `text`, ...); undefined where the value is kept. */
  mask: string | undefined;
  /** Why it is not masked. */
  unmasked?: Unmasked | undefined;
  /** The rule that decided; of a column that passes the one for all tables that was not meant for it. */
  rule?: string | undefined;
}

/**
 * - `keep`: a rule says so
 * - `key`: of a key, a reference or the organization; these stay as they are unless somebody names them
 * - `passes`: nothing personal is expected of its type and name
 * - `unclassified`: nobody has said what it is, so that nothing is copied
 */
export type Unmasked = "keep" | "key" | "passes" | "unclassified";

/** Child columns that name a parent's row. */
export interface Reference {
  /** The constraint's name, or `type/id` of a declared reference. */
  name: string;
  child: TableName;
  childColumns: string[];
  parent: TableName;
  parentColumns: string[];
  /** Expressions on the child alias `c`, of the types of the parent's columns. */
  childKey: string[];
  /**
   * Expressions on the parent alias `t` of the source that equal `childKey` as it was loaded: the columns,
   * or their masks where a key is masked.
   */
  parentKey: string[];
  /** Condition on the child alias `c` under which the reference holds; for pairs of type and id. */
  condition: string | undefined;
  /** Of the rules alone: no foreign key holds it, so that a parent may be missing everywhere. */
  declared: boolean;
  /** `MATCH SIMPLE`: a NULL among the columns means no parent. `MATCH FULL`: all of them or none. */
  match: "simple" | "full";
  /**
   * When the parent's table is the tenant's (root, direct, derived) a parent that did not come along is
   * another tenant's: `fail` stops, `null` empties the columns, `allow` fetches that row.
   */
  crossTenant: "fail" | "null" | "allow";
  /** What `null` empties: those of `childColumns` that may be NULL and are not the tenant's own. */
  emptied: string[];
}

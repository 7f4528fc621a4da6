import type { Mask } from "./masks.ts";

/** What `ds db refresh-staging` copies from production, and what it does to it on the way. */
export interface RefreshConfig {
  /** Where production is: a shared stage of this file, or a URL in the environment. */
  from: string | RefreshSource;
  /** What an organization is. */
  tenant: TenantConfig;
  /**
   * How a table belongs to an organization, by name (`audit.events` outside of `public`, `audit.*` for many,
   * `logs, jobs` for several). Only for tables of which the foreign keys do not tell it. Of several rules that
   * fit, the one that names the table most exactly counts; the organizations' own table needs none, and a
   * pattern means all but that one. `ds db refresh-staging --explain users` says which rule counts, and why.
   */
  tables?: Record<string, TableRule>;
  /**
   * What becomes of tables that nothing leads from to an organization, and that no rule means: `shared` takes
   * the rows that others refer to, and none where nothing does; `skip` none. A table with a reference or a
   * tenant column that may be NULL still needs a rule of its own. --plan says which tables these are.
   * Default: such a table stops the refresh.
   */
  else?: "shared" | "skip";
  /**
   * What happens to a column: `users.email`, `*.phone`, `users.*`, `*.*_email`, or several with a comma
   * between them: `*.phone, users.fax`. Of several that fit, the one whose column is named most exactly counts
   * (a whole name before a part of one, then the longer part), then the one whose table is, then the schema;
   * where two are as exact and say different things, the refresh stops and names both. `users.*` is every
   * column that can be masked: none of a key or a reference. `*.*` is only for those that need a rule; --plan
   * says which pass. A column of a reference that only a pattern means has what the column it refers to has.
   * A part with a dot, a comma, a quote or a `*` of its own is quoted as in SQL: `'users."e.mail"'`.
   * `ds db refresh-staging --explain users.email` says which rule counts, and why.
   */
  columns?: Record<string, Mask>;
  /**
   * References that the database does not know of, by the columns that hold them: `attachments.owner_id`, or several
   * with a comma between them. `items.a,b` is one of two columns of `items`.
   */
  references?: Record<string, ReferenceConfig>;
  /**
   * A row of the organization that refers to a row of another one: `fail` stops, `null` empties the
   * reference, `allow` copies that one row. For all (never `allow`), or by column:
   * `{ "comments.reply_to_id": "null" }`, where `*` stands for the others. Default: `fail`.
   */
  crossTenant?: Exclude<CrossTenant, "allow"> | Record<string, CrossTenant>;
  /**
   * Environment variable with the secret that masks are made with: 16 characters or more. The same secret
   * gives the same masks in the next refresh. Default: `DS_MASK_KEY`.
   */
  maskKey?: string;
}

export interface RefreshSource {
  /** Environment variable that holds the URL of the database; a read replica will do. */
  variable: string;
  /** A question that only production answers so. It is asked before anything else is. */
  marker: { query: string; value: string };
}

export interface TenantConfig {
  /** The table with one row for each organization. */
  table: string;
  /** Its column that identifies them, and that `-o` names. Default: its primary key. */
  key?: string;
  /**
   * Column, or columns, by which other tables name it, such as `organization_id`; each is in one table at
   * least. Left out where all tables belong to it through foreign keys.
   */
  column?: string | string[];
  /** The organization that is copied when `-o` is not given. */
  demo: string;
}

export type CrossTenant = "fail" | "null" | "allow";

/**
 * - `tenant`: the organization's rows, through the tenant column or a foreign key that leads to it
 * - `shared`: the rows that others refer to, such as users of several organizations
 * - `reference`: all rows, the same for everybody
 * - `keep`: main's own rows, as its migrations made them; production's are not read. Ledgers of migration tools
 *   that are known here have it without a rule
 * - `skip`: none
 */
export type TableRule = "tenant" | "shared" | "reference" | "keep" | "skip" | TenantRule;

/** A table of the organizations' that needs a word more. At most one of `column`, `via` and `where`. */
export interface TenantRule {
  /** Its column with the organization's key, where it has another name than the tenant column. */
  column?: string;
  /**
   * The column (`item_id`; several: `a,b`) or constraint of the reference to the row that it belongs to. A list,
   * `["organization_id", "project_id"]`: the one or the other. A row is the organization's if any of them leads to
   * it; where another one leads to another organization, that is a reference to another organization's row, and
   * `crossTenant` says what becomes of it. Tenant columns need no foreign key in a list.
   */
  via?: string | string[];
  /** SQL condition on the row `t`, in which `{tenant}` stands for the organization's key, as text. */
  where?: string;
  /**
   * Rows in which that column (of a list: each of them) is NULL belong to no organization: `skip` leaves them out,
   * `shared` takes those that others refer to, `all` takes them. Rows that belong to such a row are treated as it is.
   */
  nullTenant?: "skip" | "shared" | "all";
}

/** `to` is `users.id`; with a type column, one for each type: `{ Item: "items.id", Import: null }`. */
export type ReferenceConfig =
  | { to: string }
  | {
      /** Column of the same table that says what kind of row is meant. */
      type: string;
      /** `null`: rows of that type refer to nothing that is here. */
      to: Record<string, string | null>;
    };

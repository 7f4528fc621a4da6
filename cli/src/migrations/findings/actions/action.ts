/**
 * What a statement does to a schema, in the words that rules are written in. Tables and types have their names as SQL
 * has them, quoted (`"public"."a"`, or `"a"` where the statement gives no schema); columns and constraints their bare names.
 */
export type Action =
  | { kind: "create-table"; table: string; columns: NewColumn[]; constraints: NewConstraint[] }
  /** By CREATE TABLE … AS, LIKE or PARTITION OF: its columns are not in the statement. */
  | { kind: "create-table-as"; table: string }
  | { kind: "drop-table"; table: string; cascade: boolean }
  | { kind: "drop-view"; view: string; materialized: boolean; cascade: boolean }
  | { kind: "drop-schema"; schema: string; cascade: boolean }
  | { kind: "drop-database"; database: string }
  | { kind: "drop-type"; type: string; cascade: boolean }
  | { kind: "drop-other"; what: string; name: string; cascade: boolean }
  | { kind: "create-enum"; type: string; values: string[] }
  | { kind: "create-domain"; type: string; constrained: boolean }
  | { kind: "constrain-domain"; type: string; notValid: boolean }
  | { kind: "add-enum-value"; type: string; value: string; placed: boolean }
  | { kind: "rename-enum-value"; type: string; from: string; to: string }
  | { kind: "add-column"; table: string; column: NewColumn; ifNotExists: boolean }
  | { kind: "drop-column"; table: string; column: string; cascade: boolean }
  | { kind: "set-type"; table: string; column: string; type: ColumnType; using: string | undefined }
  | { kind: "set-not-null" | "drop-not-null"; table: string; column: string }
  | { kind: "set-default" | "drop-default"; table: string; column: string }
  | { kind: "add-identity" | "drop-identity"; table: string; column: string }
  | { kind: "set-expression" | "drop-expression"; table: string; column: string }
  | { kind: "add-constraint"; table: string; constraint: NewConstraint }
  | { kind: "validate-constraint"; table: string; name: string }
  | { kind: "drop-constraint"; table: string; name: string; cascade: boolean }
  | { kind: "rewrite-table"; table: string; by: string }
  | {
      kind: "attach-partition" | "detach-partition";
      table: string;
      partition: string;
      concurrently: boolean;
    }
  | { kind: "trigger-state"; table: string; enabled: boolean }
  | { kind: "row-security"; table: string; enabled: boolean; forced: boolean | undefined }
  | { kind: "create-index"; table: string; index: NewIndex }
  | { kind: "drop-index"; index: string; concurrently: boolean; ifExists: boolean }
  | {
      kind: "reindex";
      what: "index" | "table" | "schema" | "database";
      name: string;
      concurrently: boolean;
    }
  | { kind: "rename"; what: Renamed; table: string; from: string; to: string }
  | { kind: "move-to-schema"; what: string; name: string; to: string }
  | { kind: "truncate"; tables: string[]; cascade: boolean }
  | { kind: "delete"; table: string; all: boolean }
  | { kind: "update"; table: string; all: boolean; columns: string[] }
  | { kind: "insert"; table: string; fromQuery: boolean }
  | { kind: "vacuum-full" | "cluster"; table: string | undefined }
  | { kind: "refresh-view"; view: string; concurrently: boolean }
  | { kind: "create-view"; view: string; replace: boolean }
  | { kind: "create-trigger"; table: string; name: string }
  | { kind: "policy"; table: string; name: string; change: "create" | "alter" | "drop" }
  | { kind: "grant" | "revoke"; tables: string[]; privileges: string[] }
  /** SELECT from a table or function. */
  | { kind: "query" }
  | { kind: "lock"; tables: string[] };

export type Renamed =
  | "table"
  | "view"
  | "column"
  | "schema"
  | "type"
  | "constraint"
  | "index"
  | "attribute"
  | "other";

/** A type by its bare name in pg_catalog's words (`int4`, `varchar`), with what stands in parentheses. */
export interface ColumnType {
  /** Without its schema. */
  name: string;
  /** With its schema, as SQL has it; what the statement says. */
  quoted: string;
  /** `varchar(20)`: 20; `numeric(10, 2)`: 10 and 2. */
  modifiers: number[];
  array: boolean;
}

export interface NewColumn {
  name: string;
  type: ColumnType;
  notNull: boolean;
  /** Undefined where it has none; `volatile` says why it gives each row a value of its own. */
  default: { volatile: string | undefined; isNull: boolean } | undefined;
  identity: boolean;
  generated: "stored" | "virtual" | undefined;
  serial: boolean;
  /** Its own constraints, but for NOT NULL. */
  constraints: NewConstraint[];
}

export type ConstraintKind =
  | "check"
  | "foreign-key"
  | "primary-key"
  | "unique"
  | "exclusion"
  | "not-null";

export interface NewConstraint {
  kind: ConstraintKind;
  name: string | undefined;
  columns: string[];
  notValid: boolean;
  notEnforced: boolean;
  /** The unique index that it is made of. */
  usingIndex: string | undefined;
  /** Of an exclusion: how each column is compared; undefined for an expression. */
  operators: (string | undefined)[];
  /** Of a check: its SQL text. */
  expression: string | undefined;
  /** Of a foreign key. No columns: the primary key's. */
  references: { table: string; columns: string[] } | undefined;
  nullsNotDistinct: boolean;
}

interface NewIndex {
  name: string | undefined;
  unique: boolean;
  concurrently: boolean;
  ifNotExists: boolean;
  method: string;
  /** Bare names; undefined for an expression. */
  columns: (string | undefined)[];
  partial: boolean;
  nullsNotDistinct: boolean;
}

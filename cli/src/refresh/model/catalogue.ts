/**
 * What Postgres' catalogue says of one database, as far as a refresh needs it. Read once from the
 * source and once from the target, and never changed.
 */

export interface Catalogue {
  /** Server version as a number, 180004. */
  serverVersion: number;
  tables: CatalogueTable[];
  /** Labels of each enum, in order, by the type's name as `format_type` writes it. */
  enums: Record<string, string[]>;
  /** Type that each domain stands on, by the domain's name as `format_type` writes it. */
  domains: Record<string, string>;
  /** Which other types that users made are composites and ranges. */
  kinds?: Record<string, TypeKind>;
  sequences: CatalogueSequence[];
}

export type TypeKind = "composite" | "range" | "multirange";

export interface TableName {
  schema: string;
  name: string;
}

export interface CatalogueTable extends TableName {
  /** A partition's rows are read through its partitioned parent; it is listed to restore its state. */
  kind: "table" | "partitioned" | "partition";
  /** The partitioned table above it, for partitions. */
  parent: TableName | undefined;
  columns: CatalogueColumn[];
  /** Primary key, unique constraints and unique indexes without predicate or expression: each a list of columns. */
  keys: CatalogueKey[];
  /** Unique indexes with a predicate or an expression, exclusion constraints, and the columns that have to differ in them. */
  partialKeys: CatalogueKey[];
  foreignKeys: CatalogueForeignKey[];
  /** What its rows have to be. */
  checks?: CatalogueCheck[];
  /** `active`: the role that asked does not see all rows. */
  rowSecurity: { enabled: boolean; forced: boolean; active: boolean };
  /** The role that asked may read it. */
  readable: boolean;
  /** Tables that inherit from it without being partitions: `only` keeps their rows out. */
  inherited: boolean;
  /** Triggers of users, without those of constraints. */
  triggers: { name: string; enabled: "O" | "D" | "R" | "A" }[];
  /** From pg_class: -1 where it was never analysed. */
  estimatedRows: number;
  bytes: number;
}

export interface CatalogueColumn {
  name: string;
  /**
   * As `format_type` writes it, with its modifier: `character varying(80)`, `numeric(10,2)`; with its schema
   * where that is not pg_catalog: `public.item_status`.
   */
  type: string;
  notNull: boolean;
  generated: boolean;
  identity: "always" | "by default" | undefined;
  hasDefault: boolean;
  /** The only texts that a check constraint of the column allows, where it lists them. */
  allowed?: string[];
  /** Texts that stand in checks of the column alone: some may be values that these let in. */
  mentioned?: string[];
  /** Of the column, as somebody wrote it. */
  comment: string | undefined;
}

export interface CatalogueKey {
  name: string;
  primary: boolean;
  columns: string[];
  /** NULL is a value like any other: two rows may not both have it. */
  nullsNotDistinct?: boolean;
}

export interface CatalogueForeignKey {
  name: string;
  columns: string[];
  references: TableName;
  /** Columns of the referenced table, in the order of `columns`. */
  referencedColumns: string[];
  match: "simple" | "full";
  validated: boolean;
  /** `PERIOD`: the last column is a time that rows of the referenced table have to cover together. */
  period?: boolean;
}

/**
 * A check constraint of the table, or of a column's domain, or what its partitions take; or that a row which a unique
 * index with a predicate does not mean stays one.
 */
export interface CatalogueCheck {
  name: string;
  columns: string[];
  /** SQL on the columns by their names; of a domain on `value`, which is the column. */
  expression: string;
}

export interface CatalogueSequence extends TableName {
  /** Tables and columns whose values come from it: owned by, identity, or `nextval` in a default. */
  usedBy: (TableName & { column: string })[];
  increment: number;
}

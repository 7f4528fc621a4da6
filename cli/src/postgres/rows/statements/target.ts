// What the database that statements are for has: they follow its constraints, not those of the one that they come from.

interface TargetColumn {
  name: string;
  /** As format_type() has it, with its schema. */
  type: string;
  notNull: boolean;
  hasDefault: boolean;
  /** As in pg_attribute: always, by default, or no identity. */
  identity: "a" | "d" | "";
  generated: boolean;
}

export interface TargetTable {
  schema: string;
  name: string;
  columns: readonly TargetColumn[];
  /** Columns that some unique index or exclusion constraint, also of a partition, looks at. */
  uniqueColumns: readonly string[];
}

export interface ForeignKey {
  name: string;
  /** The table that has it; a partition may have one of its own. */
  schema: string;
  table: string;
  /** The tables as they are compared: partitions are their root's. */
  child: string;
  parent: string;
  columns: readonly string[];
  /** As in pg_constraint: no action, restrict, cascade, set null, set default. */
  onDelete: "a" | "r" | "c" | "n" | "d";
  deferrable: boolean;
  definition: string;
  comment: string | null;
}

/** A trigger or a rule that would act on what is written. */
export interface Actor {
  kind: "trigger" | "rule";
  name: string;
  schema: string;
  table: string;
  /** The table as it is compared. */
  of: string;
  /** As in pg_trigger: on origin, always, disabled, on replica. */
  state: "O" | "A" | "D" | "R";
  /** A partition's copy of a trigger of its root, in a state of its own. */
  isCopy: boolean;
}

export interface Sequence {
  schema: string;
  name: string;
  /** Tables that it is for, as they are compared. */
  tables: readonly string[];
}

export interface Target {
  tables: ReadonlyMap<string, TargetTable>;
  foreignKeys: readonly ForeignKey[];
  actors: readonly Actor[];
}

/** By which a table is found in both sides' catalogues. */
export const tableId = ({ schema, name }: { schema: string; name: string }): string =>
  JSON.stringify([schema, name]);

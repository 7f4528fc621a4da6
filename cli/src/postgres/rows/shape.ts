// What there is of a table for a comparison of its rows.

export interface TableShape {
  schema: string;
  name: string;
  /** As in pg_class: an ordinary or partitioned table, or a foreign one. */
  kind: "r" | "p" | "f";
  /** Its rows are not in the log: a copy of a running server has none of them. */
  unlogged?: boolean;
  columns: readonly ColumnShape[];
  /** The primary key's columns, else those of a unique key without nulls; undefined where there is neither. */
  key: readonly string[] | undefined;
  /** As the planner last counted them; below 0 where it never has. */
  estimatedRows: number;
}

interface ColumnShape {
  name: string;
  /** As format_type() has it. */
  type: string;
}

/** A table that both sides have, and by what its rows are compared. */
export interface ComparedTable {
  schema: string;
  name: string;
  kind: "r" | "p";
  /** Columns of both sides. */
  columns: readonly ColumnShape[];
  /** Undefined: a row is what it holds, so that none is changed, but one removed and one added. */
  key: readonly string[] | undefined;
  addedColumns: readonly string[];
  droppedColumns: readonly string[];
  estimatedRows: number;
}

/** Why the rows of a table are not compared. */
export type NotCompared =
  | "FOREIGN_TABLE"
  | "UNLOGGED_TABLE"
  | "ONLY_IN_BRANCH"
  | "ONLY_IN_BASE"
  | "NO_COMMON_COLUMNS"
  /** Policies would hide rows from the role that reads. */
  | "ROW_SECURITY"
  | "PERMISSION_DENIED";

export interface LeftOut {
  table: string;
  why: NotCompared;
}

export const shownTable = ({ schema, name }: { schema: string; name: string }): string =>
  schema === "public" ? name : `${schema}.${name}`;

/** Which tables are compared, and which are not, each with its reason. */
export function pairTables(
  base: readonly TableShape[],
  branch: readonly TableShape[],
): { compared: ComparedTable[]; leftOut: LeftOut[] } {
  const compared: ComparedTable[] = [];
  const leftOut: LeftOut[] = [];
  const idOf = ({ schema, name }: TableShape) => JSON.stringify([schema, name]);
  const ofBase = new Map(base.map((table) => [idOf(table), table]));
  const ofBranch = new Map(branch.map((table) => [idOf(table), table]));
  for (const id of [...new Set([...ofBase.keys(), ...ofBranch.keys()])].sort()) {
    const [before, after] = [ofBase.get(id), ofBranch.get(id)];
    const table = shownTable((after ?? before) as TableShape);
    if (!before) leftOut.push({ table, why: "ONLY_IN_BRANCH" });
    else if (!after) leftOut.push({ table, why: "ONLY_IN_BASE" });
    else if (before.kind === "f" || after.kind === "f")
      leftOut.push({ table, why: "FOREIGN_TABLE" });
    else if (before.unlogged || after.unlogged) leftOut.push({ table, why: "UNLOGGED_TABLE" });
    else {
      const pair = paired(before, after);
      if (pair.columns.length > 0) compared.push(pair);
      else leftOut.push({ table, why: "NO_COMMON_COLUMNS" });
    }
  }
  return { compared, leftOut };
}

function paired(before: TableShape, after: TableShape): ComparedTable {
  const namesOf = ({ columns }: TableShape) => new Set(columns.map(({ name }) => name));
  const [old, now] = [namesOf(before), namesOf(after)];
  const columns = after.columns.filter(({ name }) => old.has(name));
  const hasKey = (key: TableShape["key"]) => key?.every((name) => old.has(name) && now.has(name));
  // A key that one side alone has would make two rows of one: what is unique there may be twice here.
  const isCommon = before.key?.join("\0") === after.key?.join("\0") && hasKey(after.key);
  return {
    schema: after.schema,
    name: after.name,
    kind: after.kind === "p" ? "p" : "r",
    columns,
    key: isCommon ? after.key : undefined,
    addedColumns: after.columns.filter(({ name }) => !old.has(name)).map(({ name }) => name),
    droppedColumns: before.columns.filter(({ name }) => !now.has(name)).map(({ name }) => name),
    estimatedRows: Math.max(before.estimatedRows, after.estimatedRows),
  };
}

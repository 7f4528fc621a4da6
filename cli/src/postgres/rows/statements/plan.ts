import { components } from "../../../lib/collection/components.ts";
import { changedColumns, type RowChange } from "../differing.ts";
import { type ComparedTable, shownTable } from "../shape.ts";
import { type Actor, type ForeignKey, type Target, type TargetTable, tableId } from "./target.ts";

// Rows are updated first, then deleted, children before their parents, and then inserted, parents before their children.
// So nothing refers to what is deleted, and each unique value is free before it is taken: a row whose unique values
// change is deleted and inserted. What order alone cannot do is left to foreign keys that are checked at the end.

/** What becomes of a table's rows. */
export interface TableFacts {
  table: ComparedTable;
  added: number;
  removed: number;
  /** Changed in place. */
  updated: number;
  /** Changed by a deletion and an insertion. */
  moved: number;
  /** Columns that updates write to. */
  updatedColumns: Set<string>;
}

export const noFacts = (table: ComparedTable): TableFacts => ({
  table,
  added: 0,
  removed: 0,
  updated: 0,
  moved: 0,
  updatedColumns: new Set(),
});

/** Whether a changed row is deleted and inserted. */
export function isMoved(
  table: ComparedTable,
  { columns, uniqueColumns }: TargetTable,
  change: Extract<RowChange, { is: "changed" }>,
): boolean {
  return changedColumns(table, change).some(
    ({ name }) =>
      uniqueColumns.includes(name) ||
      // Its value can be given, but not changed.
      columns.find((column) => column.name === name)?.identity === "a",
  );
}

export function noteChange(facts: TableFacts, target: TargetTable, change: RowChange): void {
  if (change.is !== "changed") facts[change.is] += 1;
  else if (isMoved(facts.table, target, change)) facts.moved += 1;
  else {
    facts.updated += 1;
    for (const { name } of changedColumns(facts.table, change)) facts.updatedColumns.add(name);
  }
}

export interface StatementPlan {
  /** Parents before their children. */
  order: TableFacts[];
  /** Foreign keys that are checked at the end. */
  deferred: ForeignKey[];
  /** Foreign keys that would act on rows that stay: they are dropped, and made and checked anew at the end. */
  dropped: ForeignKey[];
  /** Triggers and rules that do not run. */
  silenced: Actor[];
  /** Their states at the end: first those of roots, which their partitions' copies follow. */
  restored: Actor[];
  /** Tables whose rows a foreign key may delete or change, though they are not compared. */
  actedOn: string[];
}

export function planStatements(facts: readonly TableFacts[], target: Target): StatementPlan {
  const written = new Map(
    facts.filter(isWritten).map((each) => [tableId(each.table), each] as const),
  );
  const keys = target.foreignKeys;
  const parentsOf = (child: string) =>
    keys.filter((key) => key.child === child).map(({ parent }) => parent);
  const groups = components([...written.keys()], parentsOf);
  const isInCircle = ({ child, parent }: ForeignKey) =>
    groups.some((group) => group.includes(child) && group.includes(parent));
  const dropped = keys.filter((key) => mustBeDropped(key, written, isInCircle(key)));
  const deferred = keys.filter(
    (key) => !dropped.includes(key) && mustBeDeferred(key, written, isInCircle(key)),
  );
  const actors = target.actors.filter(({ of }) => written.has(of));
  const compared = new Set(facts.map(({ table }) => tableId(table)));
  const actedOn = keys
    .filter(
      (key) =>
        !dropped.includes(key) &&
        !compared.has(key.child) &&
        key.onDelete !== "a" &&
        key.onDelete !== "r" &&
        deletions(written.get(key.parent)) > 0,
    )
    .map(({ child }) => child);
  return {
    order: groups.flat().map((id) => written.get(id) as TableFacts),
    deferred,
    dropped,
    silenced: actors.filter(({ state }) => state === "O" || state === "A"),
    restored: [
      ...actors.filter(({ isCopy, state }) => !isCopy && (state === "O" || state === "A")),
      ...actors.filter(({ isCopy }) => isCopy),
    ],
    actedOn: [...new Set(actedOn)].map(shownId),
  };
}

const shownId = (id: string): string => {
  const [schema = "", name = ""] = JSON.parse(id) as string[];
  return shownTable({ schema, name });
};

type Written = ReadonlyMap<string, TableFacts>;

const isWritten = ({ added, removed, updated, moved }: TableFacts) =>
  added + removed + updated + moved > 0;
const insertions = (facts?: TableFacts) => (facts ? facts.added + facts.moved : 0);
const deletions = (facts?: TableFacts) => (facts ? facts.removed + facts.moved : 0);

/** Rows that others refer to may be gone for a while: the same key comes back, or one that is equal to it. */
function comesBack(facts: TableFacts | undefined): boolean {
  if (facts === undefined) return false;
  if (facts.moved > 0) return true;
  if (facts.added === 0 || facts.removed === 0) return false;
  const { key, columns } = facts.table;
  const typeOf = (name: string) => columns.find((column) => column.name === name)?.type ?? "";
  return key === undefined || !key.every((name) => hasOneText.test(typeOf(name)));
}

/** Types of which two equal values have the same text, whatever collation or modifier. */
const hasOneText =
  /^(smallint|integer|bigint|uuid|boolean|date|bytea|oid|timestamp(\(\d\))? with(out)? time zone)$/;

function mustBeDropped(key: ForeignKey, written: Written, isInCircle: boolean): boolean {
  if (key.onDelete === "a") return false;
  const parent = written.get(key.parent);
  if (comesBack(parent)) return true;
  // What cascades in a circle only takes what is deleted anyway. The others refuse, or change what is to be found yet.
  return isInCircle && key.onDelete !== "c" && deletions(parent) > 0;
}

function mustBeDeferred(key: ForeignKey, written: Written, isInCircle: boolean): boolean {
  const [child, parent] = [written.get(key.child), written.get(key.parent)];
  if (comesBack(parent)) return true;
  const isRepointed = key.columns.some((name) => child?.updatedColumns.has(name));
  if (isRepointed && insertions(parent) > 0) return true;
  return isInCircle && (insertions(child) > 0 || deletions(parent) > 0);
}

/** Why rows cannot be written as the branch has them, by the names of tables and columns. */
export function refusalOf(facts: TableFacts, target: TargetTable): string | undefined {
  const { table } = facts;
  const shown = shownTable(table);
  const columnOf = (name: string) => target.columns.find((column) => column.name === name);
  const lost = table.droppedColumns.filter((name) => columnOf(name)?.generated === false);
  const isReplaced =
    facts.moved > 0 || (table.key === undefined && facts.added > 0 && facts.removed > 0);
  if (isReplaced && lost.length > 0) {
    return `${shown}: rows would be deleted and inserted without their values of ${lost.join(", ")}, which only the other side has`;
  }
  const needed = lost.filter((name) => {
    const column = columnOf(name);
    return column?.notNull && !column.hasDefault && column.identity === "";
  });
  if (insertions(facts) > 0 && needed.length > 0) {
    return `${shown}: new rows have no value for ${needed.join(", ")}, which only the other side has and which has no default`;
  }
  return undefined;
}

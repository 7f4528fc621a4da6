import { quoteIdentifier } from "../../quote.ts";
import type { Column } from "../columns.ts";
import { type Entry, tableName } from "./entries.ts";
import { type TableChange, type TableParts, tableParts } from "./table-parts.ts";

const attribute = ({ attributes }: Column, name: string) => attributes.get(name);
const sameText = (one: Column, other: Column, ...names: string[]) =>
  names.every((name) => attribute(one, name) === attribute(other, name));

export interface Forced {
  /** Columns whose type is another one of the same name. */
  retyped: ReadonlySet<string>;
  regenerated: ReadonlySet<string>;
  constraints: ReadonlySet<string>;
  /** What a dropped function or sequence takes with it. */
  defaults: ReadonlySet<string>;
}

/** @param isPartition a part of a partitioned table on both sides: it follows that table's columns */
export function tableChange(
  before: Entry,
  after: Entry,
  forced: Forced,
  isPartition: boolean,
): TableChange {
  const change: TableChange = {
    ...{ table: tableName(after), droppedColumns: [], addedColumns: [], retyped: [] },
    ...{ regenerated: [], defaults: [], nullable: [], droppedConstraints: [] },
    ...{ addedConstraints: [], more: [], remarks: [], refusals: [] },
  };
  const [old, now] = [tableParts(before), tableParts(after)];
  if (old === undefined || now === undefined) {
    if (before.statements.join() !== after.statements.join())
      change.refusals.push("its definition");
    return change;
  }
  for (const column of old.columns.values()) {
    if (!now.columns.has(column.name) && !isPartition) change.droppedColumns.push(column);
  }
  for (const column of now.columns.values()) {
    const was = old.columns.get(column.name);
    if (was === undefined) {
      if (!isPartition) change.addedColumns.push(column);
    } else columnChange(change, was, column, forced, isPartition);
  }
  constraintChanges(change, old, now, forced, isPartition);
  otherChanges(change, old, now);
  return change;
}

function columnChange(
  change: TableChange,
  before: Column,
  after: Column,
  forced: Forced,
  isPartition: boolean,
): void {
  const [wasGenerated, isGenerated] = [before, after].map((each) => attribute(each, "GENERATED"));
  const isRetyped =
    before.type !== after.type ||
    !sameText(before, after, "COLLATE") ||
    forced.retyped.has(after.name);
  if (isGenerated !== undefined || wasGenerated !== undefined) {
    if (isPartition) return;
    if (
      isGenerated !== undefined &&
      (wasGenerated !== isGenerated || isRetyped || forced.regenerated.has(after.name))
    ) {
      change.regenerated.push(after);
      if (wasGenerated === undefined)
        change.remarks.push(`drops data: column ${after.name}, which is generated from now on`);
      return;
    }
    if (isGenerated === undefined) {
      change.more.push(
        `ALTER TABLE ${change.table} ALTER COLUMN ${quoteIdentifier(after.name)} DROP EXPRESSION`,
      );
      if (/ VIRTUAL$/.test(wasGenerated ?? "") || !/ STORED$/.test(wasGenerated ?? "")) {
        change.refusals.push(
          `column ${after.name}, which is no longer generated and has no stored values`,
        );
      }
    }
  }
  if (isRetyped && !isPartition)
    change.retyped.push({ before, after, isSwapped: forced.retyped.has(after.name) });
  const [oldDefault, newDefault] = [before, after].map((each) => attribute(each, "DEFAULT"));
  if (
    oldDefault !== newDefault ||
    (isRetyped && newDefault !== undefined && !isPartition) ||
    (forced.defaults.has(after.name) && newDefault !== undefined)
  ) {
    change.defaults.push({ column: after.name, value: newDefault });
  }
  const [wasNotNull, isNotNull] = [before, after].map(
    (each) => attribute(each, "NOT NULL") !== undefined,
  );
  const nameOf = (each: Column) => attribute(each, "CONSTRAINT");
  if (wasNotNull !== isNotNull || (isNotNull && nameOf(before) !== nameOf(after))) {
    if (isPartition && isNotNull === false) return;
    if (wasNotNull && isNotNull)
      change.nullable.push({ column: after.name, isNotNull: false, name: undefined });
    change.nullable.push({
      column: after.name,
      isNotNull: isNotNull === true,
      name: nameOf(after),
    });
  }
}

function constraintChanges(
  change: TableChange,
  old: TableParts,
  now: TableParts,
  forced: Forced,
  isPartition: boolean,
): void {
  for (const [name, definition] of old.constraints) {
    const is = now.constraints.get(name);
    if (is !== definition || forced.constraints.has(name)) {
      // A partition's copies of its root's constraints come and go with those.
      if (isPartition) continue;
      change.droppedConstraints.push(name);
    }
  }
  for (const [name, definition] of now.constraints) {
    if (old.constraints.get(name) !== definition || forced.constraints.has(name)) {
      if (isPartition) continue;
      change.addedConstraints.push({ name, definition });
    }
  }
}

function otherChanges(change: TableChange, old: TableParts, now: TableParts): void {
  const { table } = change;
  if (old.isUnlogged !== now.isUnlogged) {
    change.more.push(`ALTER TABLE ${table} SET ${now.isUnlogged ? "UNLOGGED" : "LOGGED"}`);
  }
  if (old.after !== now.after) afterChange(change, old.after, now.after);
  if (old.settings.join() !== now.settings.join())
    change.refusals.push("its tablespace or access method");
  for (const statement of old.others.filter((each) => !now.others.includes(each))) {
    const undo = undone(statement);
    if (undo === undefined) change.refusals.push(statement);
    else change.more.push(undo);
  }
  change.more.push(...now.others.filter((each) => !old.others.includes(each)));
}

const clause =
  /(PARTITION BY [A-Z]+ \((?:[^()]|\([^()]*\))*\))|(INHERITS \([^()]*\))|(WITH \([^()]*\))|(USING \S+)/g;

function afterChange(change: TableChange, before: string, after: string): void {
  const parts = (text: string) => {
    const found = new Map<string, string>();
    for (const [whole] of text.matchAll(clause)) found.set(whole.split(/[ (]/)[0] ?? "", whole);
    return found;
  };
  const [old, now] = [parts(before), parts(after)];
  if (old.get("PARTITION") !== now.get("PARTITION")) {
    change.refusals.push("how it is partitioned");
    return;
  }
  const list = (text = "") =>
    text
      .replace(/^[A-Z]+ \(|\)$/g, "")
      .split(/,\s*/)
      .filter(Boolean);
  const [oldParents, newParents] = [list(old.get("INHERITS")), list(now.get("INHERITS"))];
  for (const parent of oldParents) {
    if (!newParents.includes(parent))
      change.more.push(`ALTER TABLE ${change.table} NO INHERIT ${parent}`);
  }
  for (const parent of newParents) {
    if (!oldParents.includes(parent))
      change.more.push(`ALTER TABLE ${change.table} INHERIT ${parent}`);
  }
  const [oldOptions, newOptions] = [list(old.get("WITH")), list(now.get("WITH"))];
  const nameOf = (option: string) => option.split("=")[0] ?? option;
  const gone = oldOptions.filter((option) => !newOptions.map(nameOf).includes(nameOf(option)));
  if (gone.length > 0)
    change.more.push(`ALTER TABLE ${change.table} RESET (${gone.map(nameOf).join(", ")})`);
  const set = newOptions.filter((option) => !oldOptions.includes(option));
  if (set.length > 0) change.more.push(`ALTER TABLE ${change.table} SET (${set.join(", ")})`);
  if (old.get("USING") !== now.get("USING")) change.refusals.push("its access method");
}

/** What takes a setting of a table or column back. */
function undone(statement: string): string | undefined {
  const changes: [RegExp, string][] = [
    [/ SET STORAGE \S+$/, " SET STORAGE DEFAULT"],
    [/ SET COMPRESSION \S+$/, " SET COMPRESSION DEFAULT"],
    [/ SET STATISTICS -?\d+$/, " SET STATISTICS -1"],
    [/ REPLICA IDENTITY [\s\S]+$/, " REPLICA IDENTITY DEFAULT"],
    [/ FORCE ROW LEVEL SECURITY$/, " NO FORCE ROW LEVEL SECURITY"],
    [/ CLUSTER ON \S+$/, " SET WITHOUT CLUSTER"],
  ];
  const found = changes.find(([pattern]) => pattern.test(statement));
  if (found) return statement.replace(...found);
  const options = / SET \((.+)\)$/.exec(statement)?.[1];
  if (options === undefined) return undefined;
  const names = options.split(/,\s*/).map((option) => option.split("=")[0]);
  return statement.replace(/ SET \(.+\)$/, ` RESET (${names.join(", ")})`);
}

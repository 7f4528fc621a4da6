import type { DropStmt } from "libpg-query";
import { listName, withoutLast } from "../../sql/parsed-statement.ts";
import type { LockCatalogue } from "./catalogue.ts";
import { locksOn, type StatementPlan, type TableLock } from "./modes.ts";

/** DROP in all its forms, with what CASCADE takes along. Undefined where no table has to do with it. */
export function planDrop(statement: DropStmt, catalogue: LockCatalogue): StatementPlan | undefined {
  const { behavior, concurrent, objects = [], removeType } = statement;
  const cascade = behavior === "DROP_CASCADE";
  const names = objects.map(listName);
  const plan = (locks: TableLock[]) => ({ locks, effects: [], opaque: false });
  switch (removeType) {
    case "OBJECT_TABLE":
    case "OBJECT_VIEW":
    case "OBJECT_MATVIEW":
    case "OBJECT_FOREIGN_TABLE":
      return plan(locksOfDrop(names, cascade, catalogue));
    case "OBJECT_SCHEMA": {
      if (!cascade) return undefined;
      const schemas = objects.flatMap((object) =>
        "String" in object ? (object.String.sval ?? []) : [],
      );
      const relations = schemas.flatMap((schema) => catalogue.relationsIn(schema));
      return plan(locksOfDrop(relations, cascade, catalogue));
    }
    case "OBJECT_INDEX": {
      const mode = concurrent ? "SHARE UPDATE EXCLUSIVE" : "ACCESS EXCLUSIVE";
      const tables = names.flatMap((name) =>
        catalogue.partitions(catalogue.tableOfIndex(name) ?? name),
      );
      return plan(locksOn(tables, mode));
    }
    case "OBJECT_TRIGGER":
    case "OBJECT_POLICY":
    case "OBJECT_RULE": {
      const tables = names.map(withoutLast);
      // Partitions have a trigger of their own for each of their parent's.
      const withCopies = tables.flatMap((table) => catalogue.partitions(table));
      return plan(
        locksOn(removeType === "OBJECT_TRIGGER" ? withCopies : tables, "ACCESS EXCLUSIVE"),
      );
    }
    default: {
      // Columns of a type, triggers with a function, a table's statistics: which, the plan does not look up.
      const unknown = cascade || removeType === "OBJECT_STATISTIC_EXT";
      return unknown ? { locks: [], effects: [], opaque: true } : undefined;
    }
  }
}

/** Relations that go, and the tables that stay but lose a foreign key, a partition, a policy or a rule. */
export function locksOfDrop(
  names: string[],
  cascade: boolean,
  catalogue: LockCatalogue,
): TableLock[] {
  const dropped = new Set<string>();
  const touched = new Set<string>();
  const drop = (name: string): void => {
    if (dropped.has(catalogue.nameOf(name))) return;
    dropped.add(catalogue.nameOf(name));
    const parent = catalogue.partitionedParent(name);
    for (const one of [parent, parent && catalogue.defaultPartition(parent)]) {
      if (one !== undefined) touched.add(one);
    }
    for (const { referenced } of catalogue.foreignKeysOf(name)) {
      for (const one of catalogue.partitions(referenced)) touched.add(one);
    }
    if (cascade) {
      for (const { table } of catalogue.foreignKeysTo(name)) {
        for (const one of catalogue.partitions(table)) touched.add(one);
      }
      for (const user of catalogue.usersOf(name)) {
        if (catalogue.isView(user)) drop(user);
        else touched.add(user);
      }
    }
    const children = cascade ? catalogue.family(name) : catalogue.partitions(name);
    for (const child of children.slice(1)) drop(child);
  };
  for (const name of names) drop(name);
  // The names in the statement's own spelling come first.
  return locksOn([...names, ...dropped, ...touched], "ACCESS EXCLUSIVE");
}

/** Views that CASCADE takes along with a column, and tables that lose a policy or rule on it. */
export function locksOfDroppedColumn(
  table: string,
  column: string,
  catalogue: LockCatalogue,
): TableLock[] {
  const users = catalogue.usersOf(table, column);
  const views = users.filter((user) => catalogue.isView(user));
  return [...locksOfDrop(views, true, catalogue), ...locksOn(users, "ACCESS EXCLUSIVE")];
}

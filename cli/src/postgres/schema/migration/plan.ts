import { quoteIdentifier } from "../../quote.ts";
import { type DependencyRow, dependentsOf } from "./dependencies.ts";
import { type Entry, keyOf, migrationEntries, shownEntry } from "./entries.ts";
import { type TableChange, tableParts } from "./table-parts.ts";
import { type Forced, tableChange } from "./tables.ts";
import { isReplaceable, sequenceChange, typeChange } from "./types.ts";

// What becomes of each object of a schema: what is gone, or is made anew, takes along what depends on it.

/** Kinds that are a part of another object, or say something of one. */
const attachments = new Set([
  ...["COMMENT", "ACL", "SECURITY LABEL", "ROW SECURITY", "INDEX ATTACH", "TABLE ATTACH"],
  ...[
    "VIEW BODY",
    "SEQUENCE OWNED BY",
    "DEFAULT",
    "PUBLICATION TABLE",
    "PUBLICATION TABLES IN SCHEMA",
    "DEFAULT ACL",
  ],
]);
export const isAttachment = ({ type }: Entry): boolean => attachments.has(type);

export const isTable = ({ type }: Entry): boolean => type === "TABLE" || type === "FOREIGN TABLE";

/** Never made anew: they hold rows, or others hold theirs. */
const kept = new Set([
  "SCHEMA",
  "EXTENSION",
  "TABLE",
  "FOREIGN TABLE",
  "COLLATION",
  "SUBSCRIPTION",
]);

interface MutableForced {
  retyped: Set<string>;
  regenerated: Set<string>;
  constraints: Set<string>;
  defaults: Set<string>;
}

/** With what a view selects, also where that stands further behind. */
function definitionIn(entries: ReadonlyMap<string, Entry>, entry: Entry): string {
  const body =
    entry.type === "VIEW" && entries.get(keyOf("RULE", entry.schema, `${entry.name} _RETURN`));
  return [...entry.statements, ...(body ? body.statements : [])].join(";\n");
}

export interface Plan {
  /** What depends directly on what in the base. */
  dependents: ReadonlyMap<string, ReadonlySet<string>>;
  base: ReadonlyMap<string, Entry>;
  branch: ReadonlyMap<string, Entry>;
  /** Taken away: because they are no longer there, or to be made anew. */
  gone: ReadonlySet<string>;
  /** Of tables that both have. */
  tables: ReadonlyMap<string, TableChange>;
  forced: ReadonlyMap<string, Forced>;
  /** Functions that are replaced in place. */
  replaced: ReadonlySet<string>;
  /** Statements that alter, by the key of what they alter. */
  altered: ReadonlyMap<string, readonly string[]>;
  /** Types that make place for another one of their name. */
  swapped: ReadonlySet<string>;
  /** Statements outside of a transaction, before it. */
  apart: string[];
  /** What cannot be expressed, by its name. */
  refusals: string[];
}

export function planMigration(
  baseDump: string,
  branchDump: string,
  dependencies: readonly DependencyRow[],
): Plan {
  const planner = new Planner(
    migrationEntries(baseDump),
    migrationEntries(branchDump),
    dependentsOf(dependencies),
  );
  return planner.plan();
}

class Planner {
  private readonly gone = new Set<string>();
  private readonly forced = new Map<string, MutableForced>();
  private readonly replaced = new Set<string>();
  private readonly altered = new Map<string, readonly string[]>();
  private readonly swapped = new Set<string>();
  private readonly apart: string[] = [];
  private readonly refusals: string[] = [];
  private readonly seen = new Set<string>();
  private readonly base: Map<string, Entry>;
  private readonly branch: Map<string, Entry>;
  private readonly dependents: Map<string, Set<string>>;

  constructor(
    base: Map<string, Entry>,
    branch: Map<string, Entry>,
    dependents: Map<string, Set<string>>,
  ) {
    this.base = base;
    this.branch = branch;
    this.dependents = dependents;
  }

  plan(): Plan {
    for (const entry of this.base.values()) {
      if (isAttachment(entry)) continue;
      const after = this.branch.get(entry.key);
      if (after === undefined) this.takeAway(entry.key);
      else if (isTable(entry)) this.disturbColumns(entry, after);
      else if (definitionIn(this.base, entry) !== definitionIn(this.branch, after)) {
        this.change(entry, after);
      }
    }
    const tables = new Map<string, TableChange>();
    for (const entry of this.base.values()) {
      const after = this.branch.get(entry.key);
      if (!isTable(entry) || after === undefined) continue;
      const change = this.tableChange(entry, after);
      this.refusals.push(...change.refusals.map((what) => `${shownEntry(entry)}: ${what}`));
      tables.set(entry.key, change);
    }
    const { base, branch, dependents } = this;
    const { gone, forced, replaced, altered, swapped, apart, refusals } = this;
    return {
      ...{ base, branch, dependents, gone, tables, forced },
      ...{ replaced, altered, swapped, apart, refusals },
    };
  }

  private tableChange(before: Entry, after: Entry): TableChange {
    const attach = keyOf("TABLE ATTACH", before.schema, before.name);
    const isPartition =
      this.base.has(attach) &&
      this.base.get(attach)?.statements.join() === this.branch.get(attach)?.statements.join();
    return tableChange(before, after, this.forcedOf(before.key), isPartition);
  }

  private forcedOf(table: string): MutableForced {
    const known = this.forced.get(table);
    if (known) return known;
    const made: MutableForced = {
      ...{ retyped: new Set(), regenerated: new Set() },
      ...{ constraints: new Set(), defaults: new Set() },
    };
    this.forced.set(table, made);
    return made;
  }

  private change(before: Entry, after: Entry): void {
    const { key, type } = before;
    if ((type === "FUNCTION" || type === "PROCEDURE") && isReplaceable(before, after)) {
      this.replaced.add(key);
      return;
    }
    if (type === "SEQUENCE") {
      const statements = sequenceChange(before, after);
      if (statements) this.altered.set(key, statements);
      else this.takeAway(key);
      return;
    }
    if (type === "EXTENSION") {
      const schema = / WITH SCHEMA (\S+)$/.exec(after.statements[0] ?? "")?.[1];
      if (schema === undefined) this.refuse(before);
      else
        this.altered.set(key, [
          `ALTER EXTENSION ${quoteIdentifier(before.name)} SET SCHEMA ${schema}`,
        ]);
      return;
    }
    if (type === "TYPE" || type === "DOMAIN") {
      const change = typeChange(before, after);
      if (change.kind === "refuse") this.refuse(before);
      else if (change.kind === "swap") {
        this.swapped.add(key);
        this.spread(key);
      } else {
        this.apart.push(...change.apart);
        this.altered.set(key, change.statements);
      }
      return;
    }
    if (kept.has(type)) this.refuse(before);
    else this.takeAway(key);
  }

  private refuse(entry: Entry): void {
    this.refusals.push(`${shownEntry(entry)} is another one, and cannot be altered in place`);
  }

  private takeAway(key: string): void {
    if (this.gone.has(key)) return;
    this.gone.add(key);
    this.spread(key);
  }

  /** Columns that go, or whose type changes, take along what looks at them. */
  private disturbColumns(before: Entry, after: Entry): void {
    const change = this.tableChange(before, after);
    const column = (name: string) => keyOf("COLUMN", before.schema, `${before.name} ${name}`);
    for (const { name } of [...change.droppedColumns, ...change.regenerated])
      this.spread(column(name));
    for (const each of change.retyped) this.spread(column(each.after.name));
    for (const name of change.droppedConstraints) {
      this.spread(keyOf("CHECK CONSTRAINT", before.schema, `${before.name} ${name}`));
    }
  }

  private spread(key: string): void {
    if (this.seen.has(key)) return;
    this.seen.add(key);
    for (const dependent of this.dependents.get(key) ?? []) this.reach(dependent, key);
  }

  private reach(key: string, from: string): void {
    const [type = "", schema = "", name = ""] = key.split("\n");
    const [fromType = ""] = from.split("\n");
    if (fromType === "SCHEMA" || fromType === "EXTENSION") return;
    if (type === "COLUMN" || type === "GENERATED" || type === "DEFAULT") {
      this.reachColumn(type, schema, name, from);
      return;
    }
    if (fromType === "COLUMN" && this.isStill(from)) {
      // The server makes them anew itself, with the column's new type.
      if (type === "INDEX" || type === "CONSTRAINT" || type === "CHECK CONSTRAINT") return;
      if (type === "SEQUENCE") return;
    }
    const entry = this.base.get(key);
    if (entry === undefined) {
      if (type === "CHECK CONSTRAINT") this.reachInlineConstraint(schema, name);
      return;
    }
    if (isAttachment(entry) || !this.branch.has(key)) return;
    if (this.gone.has(key)) return;
    if (isTable(entry) || type === "SEQUENCE") return;
    if ((type === "TYPE" || type === "DOMAIN") && (fromType === "TYPE" || fromType === "DOMAIN")) {
      this.refusals.push(
        `${shownEntry(entry)}: it is made of ${shownKey(from)}, which becomes another one`,
      );
      return;
    }
    this.takeAway(key);
  }

  /** A column that stays, of a table that stays. */
  private isStill(column: string): boolean {
    const [, schema = "", name = ""] = column.split("\n");
    const found = this.columnOf(schema, name);
    return found !== undefined && tableParts(found.after)?.columns.has(found.column) === true;
  }

  private columnOf(schema: string, name: string) {
    for (const [key, entry] of this.base) {
      if (!isTable(entry) || entry.schema !== schema || !name.startsWith(`${entry.name} `))
        continue;
      const after = this.branch.get(key);
      const column = name.slice(entry.name.length + 1);
      if (after && tableParts(entry)?.columns.has(column)) return { entry, after, column };
    }
    return undefined;
  }

  private reachColumn(type: string, schema: string, name: string, from: string): void {
    const found = this.columnOf(schema, name);
    if (found === undefined) return;
    const { entry, after, column } = found;
    if (!tableParts(after)?.columns.has(column)) return;
    const forced = this.forcedOf(entry.key);
    const [fromType = ""] = from.split("\n");
    if (type === "DEFAULT") {
      forced.defaults.add(column);
      return;
    }
    if (type === "GENERATED") {
      // Its own column's, or one that it is computed from.
      if (from === keyOf("COLUMN", schema, name)) return;
      forced.regenerated.add(column);
      this.spread(keyOf("COLUMN", schema, name));
      return;
    }
    if (this.swapped.has(from)) {
      forced.retyped.add(column);
      this.spread(keyOf("COLUMN", schema, name));
    } else if (fromType === "COLLATION" && this.branch.has(from)) {
      this.refusals.push(
        `column ${entry.name}.${column}: it uses ${shownKey(from)}, which becomes another one`,
      );
    }
  }

  private reachInlineConstraint(schema: string, name: string): void {
    for (const [key, entry] of this.base) {
      if (!isTable(entry) || entry.schema !== schema || !name.startsWith(`${entry.name} `))
        continue;
      const own = name.slice(entry.name.length + 1);
      if (this.branch.has(key) && tableParts(entry)?.constraints.has(own)) {
        this.forcedOf(key).constraints.add(own);
      }
    }
  }
}

const shownKey = (key: string): string => {
  const [type = "", schema = "", name = ""] = key.split("\n");
  return `${type.toLowerCase()} ${schema === "" || schema === "public" ? name : `${schema}.${name}`}`;
};

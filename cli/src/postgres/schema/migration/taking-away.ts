import { quoteIdentifier } from "../../quote.ts";
import { leadingIdentifier } from "../scan.ts";
import { dropStatement } from "./drops.ts";
import { type Entry, keyOf, shownEntry, tableName } from "./entries.ts";
import { isAttachment, isTable, type Plan } from "./plan.ts";
import { makesAnything, partOf, subjectOf } from "./subjects.ts";
import { type TableChange, tableParts } from "./table-parts.ts";
import { takingAway } from "./table-sql.ts";
import type { Statement } from "./text.ts";

const columnKey = ({ schema, name }: Entry, column: string) =>
  keyOf("COLUMN", schema, `${name} ${column}`);

/** What goes, the last of a dump first. */
export class TakingAway {
  readonly statements: Statement[] = [];
  readonly refusals: string[] = [];
  private readonly plan: Plan;
  private readonly attachedIndexes = new Set<string>();
  private readonly dropped = new Set<string>();
  /** They go behind all tables, whose defaults may use them. */
  private readonly sequences: string[] = [];

  constructor(plan: Plan) {
    this.plan = plan;
    for (const { type, name, schema } of plan.base.values()) {
      if (type === "INDEX ATTACH") this.attachedIndexes.add(`${schema}.${name}`);
    }
  }

  private add(sql: string, ...remarks: string[]): void {
    this.statements.push({ sql, remarks });
  }

  takeAway(): void {
    const { base, branch, tables, gone } = this.plan;
    // What is made would get them besides its own.
    if (makesAnything(this.plan)) {
      for (const entry of base.values()) {
        if (entry.type === "DEFAULT ACL") this.add(dropStatement(entry, undefined) ?? "");
      }
    }
    for (const entry of [...base.values()].reverse()) {
      const after = branch.get(entry.key);
      const isSame = after?.statements.join(";\n") === entry.statements.join(";\n");
      const change = tables.get(entry.key);
      if (entry.type === "SCHEMA") this.flush();
      if (change !== undefined) {
        this.changeTable(entry, change);
      } else if (isAttachment(entry)) {
        if (!isSame) this.detach(entry, after);
      } else if (gone.has(entry.key)) this.drop(entry);
    }
    this.flush();
  }

  private changeTable(entry: Entry, change: TableChange): void {
    const { base, forced } = this.plan;
    const disturbed = [...change.droppedColumns, ...change.regenerated].map(({ name }) => name);
    for (const { after } of change.retyped) disturbed.push(after.name);
    this.dropDependents(disturbed.map((name) => columnKey(entry, name)));
    const withDefault = new Set([
      ...(forced.get(entry.key)?.defaults ?? []),
      ...change.retyped.map((each) => each.after.name),
    ]);
    for (const column of withDefault) {
      const own = base.get(keyOf("DEFAULT", entry.schema, `${entry.name} ${column}`));
      const isRetyped = change.retyped.some((each) => each.after.name === column);
      const isInline =
        isRetyped &&
        change.retyped.some(
          (each) => each.before.name === column && each.before.attributes.has("DEFAULT"),
        );
      if (own !== undefined || !isRetyped) {
        if (!isInline)
          this.add(
            `ALTER TABLE ${change.table} ALTER COLUMN ${quoteIdentifier(column)} DROP DEFAULT`,
          );
      }
    }
    const [first, ...others] = takingAway(change);
    const remarks = [
      ...change.droppedColumns.map(
        ({ name }) =>
          `drops data: column ${entry.name}.${name} (if it is renamed, write RENAME instead)`,
      ),
      ...change.remarks,
    ];
    if (first !== undefined) this.add(first, ...remarks);
    for (const sql of others) this.add(sql);
  }

  private flush(): void {
    for (const sql of this.sequences.splice(0)) this.add(sql);
  }

  /** What is dropped and looks at one of these. */
  private dropDependents(keys: readonly string[]): void {
    const { base, dependents, gone } = this.plan;
    for (const key of keys) {
      for (const dependent of dependents.get(key) ?? []) {
        const entry = base.get(dependent);
        if (entry !== undefined && gone.has(dependent)) this.drop(entry);
      }
    }
  }

  /** As dependents know it: a table by its columns and keys, too. */
  private keysOf(entry: Entry): string[] {
    if (!isTable(entry)) return [entry.key];
    const columns = [...(tableParts(entry)?.columns.keys() ?? [])];
    return [
      entry.key,
      ...columns.map((name) => columnKey(entry, name)),
      ...this.constraintsOf(entry),
    ];
  }

  private constraintsOf(table: Entry): string[] {
    const isItsOwn = (entry: Entry) => entry.type === "CONSTRAINT" && entry.table === table.key;
    return [...this.plan.base.values()].filter(isItsOwn).map(({ key }) => key);
  }

  private drop(entry: Entry): void {
    if (this.dropped.has(entry.key)) return;
    this.dropped.add(entry.key);
    this.dropDependents(this.keysOf(entry));
    const { base, branch } = this.plan;
    const table = entry.table === undefined ? undefined : base.get(entry.table);
    // It goes with its table, or with the index of the root that it is a part of.
    if (table && !branch.has(table.key) && entry.type !== "FK CONSTRAINT") return;
    const isOfRoot =
      ["INDEX", "CONSTRAINT"].includes(entry.type) &&
      this.attachedIndexes.has(`${entry.schema}.${entry.own}`);
    if (isOfRoot) return;
    if (entry.type === "SEQUENCE" && this.goesWithColumn(entry)) return;
    const sql = dropStatement(entry, table === undefined ? undefined : tableName(table));
    if (sql === undefined) {
      this.refusals.push(`${shownEntry(entry)}: how to drop it is not known`);
    } else if (sql === null) return;
    else if (entry.type === "SEQUENCE" && sql.startsWith("DROP ")) this.sequences.push(sql);
    else if (isTable(entry)) {
      this.add(sql, `drops data: ${shownEntry(entry)} (if it is renamed, write RENAME instead)`);
    } else this.add(sql);
  }

  /** An identity, or a sequence that belongs to a column, whose column or table is dropped. */
  private goesWithColumn(entry: Entry): boolean {
    const { base, branch, tables } = this.plan;
    const owned = base.get(keyOf("SEQUENCE OWNED BY", entry.schema, entry.name));
    const key = entry.table ?? owned?.table;
    if (key === undefined) return false;
    if (!branch.has(key)) return true;
    const text = (owned ?? entry).statements[0] ?? "";
    const written = owned
      ? /\.("(?:[^"]|"")+"|[^".]+)$/.exec(text)?.[1]
      : / ALTER COLUMN ("(?:[^"]|"")+"|\S+) ADD GENERATED/.exec(text)?.[1];
    const column = leadingIdentifier(written ?? "").name;
    return tables.get(key)?.droppedColumns.some(({ name }) => name === column) === true;
  }

  /** What is said of something that stays, and is not said any more, or otherwise. */
  private detach(entry: Entry, after: Entry | undefined): void {
    const { base, branch, gone, tables } = this.plan;
    const isOver = (key: string | undefined) =>
      key !== undefined && base.has(key) && (gone.has(key) || !branch.has(key));
    const { type } = entry;
    if (type === "DEFAULT ACL" && makesAnything(this.plan)) return;
    if (type === "COMMENT" && after !== undefined) return;
    if (type === "DEFAULT") {
      const change = entry.table === undefined ? undefined : tables.get(entry.table);
      if (after !== undefined || change === undefined) return;
      if (change.droppedColumns.some(({ name }) => name === entry.own)) return;
      if (change.defaults.some(({ column }) => column === entry.own)) return;
      if (change.retyped.some((each) => each.after.name === entry.own)) return;
      if (change.regenerated.some(({ name }) => name === entry.own)) return;
    } else if (type === "SEQUENCE OWNED BY") {
      if (!branch.has(keyOf("SEQUENCE", entry.schema, entry.name))) return;
    } else if (isOver(entry.table ?? subjectOf(entry, base))) return;
    if (type === "TABLE ATTACH" || type === "INDEX ATTACH" || type === "ROW SECURITY") {
      if (entry.table !== undefined && !branch.has(entry.table)) return;
    }
    if ((type === "COMMENT" || type === "ACL") && this.isOnLostPart(entry)) return;
    const sql = dropStatement(entry, undefined);
    if (sql === undefined)
      this.refusals.push(`${shownEntry(entry)}: how to take it back is not known`);
    else if (sql) this.add(sql);
  }

  private isOnLostPart(entry: Entry): boolean {
    const { base, branch, gone, tables } = this.plan;
    const part = partOf(entry, base);
    if (part === undefined) return false;
    if (gone.has(part.entry.key) || !branch.has(part.entry.key)) return true;
    const change = tables.get(part.entry.key);
    if (change === undefined) return false;
    if (part.column !== undefined) {
      return [...change.droppedColumns, ...change.regenerated].some(
        ({ name }) => name === part.column,
      );
    }
    return change.droppedConstraints.includes(part.constraint ?? "");
  }
}

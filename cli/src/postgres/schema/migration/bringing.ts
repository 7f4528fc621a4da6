import { quoteIdentifier } from "../../quote.ts";
import { leadingIdentifier } from "../scan.ts";
import { type Entry, keyOf, shownEntry, tableName, unquoted } from "./entries.ts";
import { isAttachment, type Plan } from "./plan.ts";
import { makesAnything, partOf, subjectOf } from "./subjects.ts";
import { isEmptyChange } from "./table-parts.ts";
import { bringing } from "./table-sql.ts";
import type { Statement } from "./text.ts";
import { identityClause } from "./types.ts";

export interface Around {
  /** Who applies it: owns what it makes. */
  role: string;
  /** Names of materialized views with rows in the branch, as `"schema"."name"`. */
  populated: ReadonlySet<string>;
}

/** What stands in the place of a secret, of a user mapping or a subscription. */
const hidden = /^CREATE (?:SERVER|USER MAPPING|SUBSCRIPTION|FOREIGN)[\s\S]*(?:'\*\*\*'|=\s*\*\*\*)/;

/** What a dump has behind all keys and indexes. */
const afterPartitions = new Set([
  ...["INDEX ATTACH", "RULE", "TRIGGER", "FK CONSTRAINT", "POLICY", "ROW SECURITY", "PUBLICATION"],
  ...["PUBLICATION TABLE", "EVENT TRIGGER"],
]);

/** What comes, in the order of a dump. */
export class Bringing {
  readonly statements: Statement[] = [];
  readonly refusals: string[] = [];
  private readonly plan: Plan;
  private readonly around: Around;
  /** Entries of the branch that are made with something else. */
  private readonly done = new Set<string>();

  constructor(plan: Plan, around: Around) {
    this.plan = plan;
    this.around = around;
  }

  private add(sql: string, ...remarks: string[]): void {
    this.statements.push({ sql, remarks });
  }

  bring(): void {
    const { branch, base, gone, tables, replaced, altered, swapped } = this.plan;
    const partitions: Entry[] = [];
    const joinPartitions = () => {
      for (const entry of partitions.splice(0)) this.attach(entry, base.get(entry.key));
    };
    for (const entry of branch.values()) {
      if (this.done.has(entry.key)) continue;
      const before = base.get(entry.key);
      // A partition's keys and indexes become parts of its root's as it joins; one that had none would be given some.
      if (entry.type === "TABLE ATTACH") {
        partitions.push(entry);
        continue;
      }
      if (afterPartitions.has(entry.type)) joinPartitions();
      if (isAttachment(entry)) {
        this.attach(entry, before);
        continue;
      }
      const change = tables.get(entry.key);
      if (before === undefined || gone.has(entry.key)) this.create(entry);
      else if (change !== undefined) this.alterTable(entry);
      else if (replaced.has(entry.key)) {
        this.add(
          entry.statements
            .join(";\n")
            .replace(/^CREATE (?=FUNCTION|PROCEDURE)/, "CREATE OR REPLACE "),
        );
      } else if (swapped.has(entry.key)) this.swap(entry);
      for (const sql of altered.get(entry.key) ?? []) this.add(sql);
      if (
        before !== undefined &&
        !gone.has(entry.key) &&
        before.owner !== entry.owner &&
        entry.setsOwner
      ) {
        this.add(entry.setsOwner);
      }
    }
    joinPartitions();
    for (const key of swapped) {
      const entry = base.get(key);
      if (entry) this.add(`DROP ${entry.type} ${this.oldName(entry)}`);
    }
    for (const entry of branch.values()) {
      if (entry.type !== "MATERIALIZED VIEW" || (base.has(entry.key) && !gone.has(entry.key)))
        continue;
      const name = unquoted(tableName(entry));
      if (this.around.populated.has(name))
        this.add(`REFRESH MATERIALIZED VIEW ${tableName(entry)}`);
    }
  }

  private create(entry: Entry): void {
    this.done.add(entry.key);
    if (entry.statements.some((each) => hidden.test(each))) {
      this.refusals.push(`${shownEntry(entry)}: it has a secret, which is in no dump`);
      return;
    }
    const isBody = entry.type === "FUNCTION" || entry.type === "PROCEDURE";
    const statements = isBody ? [entry.statements.join(";\n")] : entry.statements;
    const settings = statements.filter((each) => each.startsWith("SET default_"));
    for (const each of statements) this.add(each.replace(/^SET (?=default_)/, "SET LOCAL "));
    for (const each of settings) {
      const name = /^SET (\S+)/.exec(each)?.[1];
      this.add(`SET LOCAL ${name} = ${name === "default_tablespace" ? "''" : "heap"}`);
    }
    if (entry.setsOwner !== undefined && entry.owner !== this.around.role)
      this.add(entry.setsOwner);
  }

  private alterTable(entry: Entry): void {
    const { tables, branch } = this.plan;
    const change = tables.get(entry.key);
    if (change === undefined || isEmptyChange(change)) return;
    const added = [...change.addedColumns, ...change.regenerated];
    for (const column of added) {
      const key = keyOf("DEFAULT", entry.schema, `${entry.name} ${column.name}`);
      const value = / SET DEFAULT ([\s\S]*)$/.exec(branch.get(key)?.statements[0] ?? "")?.[1];
      if (value === undefined) continue;
      for (const each of branch.values()) {
        const isNeeded =
          each.type === "SEQUENCE" && each.table === undefined && value.includes(each.name);
        if (isNeeded && !this.plan.base.has(each.key) && !this.done.has(each.key))
          this.create(each);
      }
      column.attributes.set("DEFAULT", value);
      this.done.add(key);
    }
    const identityOf = (column: string) => {
      for (const each of branch.values()) {
        const isItsOwn = each.type === "SEQUENCE" && each.table === entry.key;
        const written = / ALTER COLUMN ("(?:[^"]|"")+"|\S+) ADD GENERATED/.exec(
          each.statements[0] ?? "",
        )?.[1];
        if (isItsOwn && written !== undefined && leadingIdentifier(written).name === column) {
          this.done.add(each.key);
          return identityClause(each);
        }
      }
      return undefined;
    };
    const fails = change.addedColumns.filter(
      ({ attributes, name }) =>
        attributes.has("NOT NULL") &&
        !attributes.has("DEFAULT") &&
        !attributes.has("GENERATED") &&
        !this.hasIdentity(entry, name),
    );
    const [first, ...others] = bringing(change, identityOf);
    const remarks = fails.map(
      ({ name }) =>
        `fails where ${entry.name} has rows: its new column ${name} is not null and has no default`,
    );
    if (first !== undefined) this.add(first, ...remarks);
    for (const sql of others) this.add(sql);
  }

  private hasIdentity(table: Entry, column: string): boolean {
    return [...this.plan.branch.values()].some(
      (each) =>
        each.type === "SEQUENCE" &&
        each.table === table.key &&
        (each.statements[0] ?? "").includes(` ALTER COLUMN ${column} ADD`),
    );
  }

  private oldName({ schema, name }: Entry): string {
    return `${quoteIdentifier(schema ?? "public")}.${quoteIdentifier(`${name}__before`.slice(-63))}`;
  }

  private swap(entry: Entry): void {
    const name = `${quoteIdentifier(entry.schema ?? "public")}.${quoteIdentifier(entry.name)}`;
    const old = quoteIdentifier(`${entry.name}__before`.slice(-63));
    const [first, ...others] = entry.statements;
    this.add(
      `ALTER ${entry.type} ${name} RENAME TO ${old}`,
      `fails where rows have values that ${shownEntry(entry)} no longer has`,
    );
    if (first !== undefined) this.add(first);
    for (const sql of others) this.add(sql);
    if (entry.setsOwner !== undefined && entry.owner !== this.around.role)
      this.add(entry.setsOwner);
  }

  /** Says what there is to say of what is there by now. */
  private attach(entry: Entry, before: Entry | undefined): void {
    const { branch, tables } = this.plan;
    const isSame = before?.statements.join(";\n") === entry.statements.join(";\n");
    const isFresh = (key: string | undefined) =>
      key !== undefined &&
      branch.has(key) &&
      (!this.plan.base.has(key) || this.plan.gone.has(key) || this.plan.swapped.has(key));
    const subject = subjectOf(entry, branch);
    const change = entry.table === undefined ? undefined : tables.get(entry.table);
    const isTakenBack = entry.type === "DEFAULT ACL" && makesAnything(this.plan);
    let isNeeded = !isSame || isFresh(entry.table) || isFresh(subject) || isTakenBack;
    if (entry.type === "DEFAULT" && change !== undefined && isSame) {
      const forced = entry.table === undefined ? undefined : this.plan.forced.get(entry.table);
      isNeeded =
        forced?.defaults.has(entry.own) === true ||
        change.retyped.some((each) => each.after.name === entry.own) ||
        change.regenerated.some(({ name }) => name === entry.own);
    }
    if (entry.type === "SEQUENCE OWNED BY")
      isNeeded ||= isFresh(keyOf("SEQUENCE", entry.schema, entry.name));
    if (entry.type === "INDEX ATTACH" && !isNeeded) {
      const parent = /^ALTER INDEX (\S+|"[^"]+"\."[^"]+") ATTACH /.exec(
        entry.statements[0] ?? "",
      )?.[1];
      isNeeded = [...branch.values()].some(
        (each) =>
          ["INDEX", "CONSTRAINT"].includes(each.type) &&
          isFresh(each.key) &&
          parent !== undefined &&
          unquoted(parent) === `${quoteIdentifier(each.schema ?? "")}.${quoteIdentifier(each.own)}`,
      );
    }
    if (!isNeeded && (entry.type === "COMMENT" || entry.type === "ACL")) {
      const part = partOf(entry, branch);
      const of = part && tables.get(part.entry.key);
      isNeeded =
        part !== undefined &&
        (isFresh(part.entry.key) ||
          (of?.regenerated.some(({ name }) => name === part.column) ?? false) ||
          (of?.addedConstraints.some(({ name }) => name === part.constraint) ?? false));
    }
    if (isNeeded) for (const sql of entry.statements) this.add(sql);
  }
}

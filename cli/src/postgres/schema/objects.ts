import { type Column, parseColumn } from "./columns.ts";
import { type DumpEntry, dumpEntries } from "./dump.ts";
import { inParentheses, leadingIdentifier } from "./scan.ts";

/** One thing of a schema that can be there or not, or be different. */
export interface SchemaObject {
  /** In people's words: "table", "foreign key", "function". What is unknown keeps pg_dump's word. */
  type: string;
  /** Qualified by its schema, unless that is public. */
  name: string;
  /** The table that it belongs to, where it does. */
  table: string | undefined;
  owner: string | undefined;
  /** Its definition as SQL. For a table: all but its columns. */
  sql: string;
  /** Of tables, in their order. */
  columns?: Column[];
}

const typeNames: Record<string, string> = {
  ACL: "privileges",
  "CHECK CONSTRAINT": "constraint",
  "DEFAULT ACL": "default privileges",
  "FK CONSTRAINT": "foreign key",
  "INDEX ATTACH": "index of partition",
  "TABLE ATTACH": "partition",
  OTHER: "other statements",
};

const relations = new Set(["TABLE", "FOREIGN TABLE", "VIEW", "MATERIALIZED VIEW"]);

/** Entries whose name pg_dump writes as that of their table, a space, and their own. */
const namedAfterTable = new Set([
  ...["CONSTRAINT", "CHECK CONSTRAINT", "FK CONSTRAINT", "DEFAULT"],
  ...["TRIGGER", "RULE", "POLICY"],
]);

/** Everything in a `pg_dump --schema-only` text, by a key that two dumps of one object share. */
export function schemaObjects(sql: string): Map<string, SchemaObject> {
  const entries = dumpEntries(sql);
  const tables = entries.filter(({ type }) => relations.has(type)).map(nameOf);
  const objects = new Map<string, SchemaObject>();
  for (const entry of entries) {
    const { object, key } = describe(entry, tables);
    const same = objects.get(key);
    if (same) {
      same.sql += `;\n${object.sql}`;
      same.table ??= object.table;
      if (same.table !== undefined) same.owner = undefined;
    } else if (entry.type !== "DEFAULT" || !giveDefault(objects, object)) {
      objects.set(key, object);
      for (const constraint of constraintsWithin(entry, object)) {
        objects.set(keyOf(constraint.type, `${object.name} ${constraint.name}`), constraint);
      }
    }
  }
  return objects;
}

function describe(entry: DumpEntry, tables: string[]): { object: SchemaObject; key: string } {
  const full = nameOf(entry);
  const table = tableOf(entry, full, tables);
  const prefix = `${table} `;
  const isPart = namedAfterTable.has(entry.type) && table !== undefined;
  const object: SchemaObject = {
    type: typeOf(entry),
    name: isPart ? full.slice(prefix.length) : full,
    table,
    owner: entry.owner,
    sql: entry.statements.join(";\n"),
    ...tableParts(entry),
  };
  // What hangs on a table changes hands with it.
  if (table !== undefined) object.owner = undefined;
  // Default privileges are told apart by whose objects they are for.
  const owner = entry.type === "DEFAULT ACL" ? entry.owner : "";
  return { object, key: keyOf(object.type, full, owner) };
}

const keyOf = (type: string, full: string, owner = "") => [type, full, owner].join("\n");

/** Which column a sequence is for is told by another entry, which is about the sequence too. */
const typeOf = ({ type }: DumpEntry) =>
  type === "SEQUENCE OWNED BY" ? "sequence" : (typeNames[type] ?? type.toLowerCase());

/** Names in a schema other than public carry it, also within `TABLE users` of a comment's name. */
function nameOf({ name, schema, type }: Pick<DumpEntry, "name" | "schema" | "type">): string {
  if (schema === undefined || schema === "public") return name;
  if (type !== "COMMENT" && type !== "ACL") return `${schema}.${name}`;
  return name.replace(/^([A-Z ]+ )/, `$1${schema}.`);
}

function tableOf({ type, statements }: DumpEntry, full: string, tables: string[]) {
  if (namedAfterTable.has(type)) {
    const fitting = tables.filter((table) => full.startsWith(`${table} `));
    return fitting.sort((a, b) => b.length - a.length)[0];
  }
  const [first = ""] = statements.filter((statement) => !statement.startsWith("SET "));
  const of =
    type === "INDEX"
      ? /^CREATE (?:UNIQUE )?INDEX .*? ON (?:ONLY )?(.+?) USING /.exec(first)
      : type === "SEQUENCE"
        ? /^ALTER TABLE (.+?) ALTER COLUMN /.exec(first)
        : /^ALTER SEQUENCE .+ OWNED BY (.+)\.(?:"[^"]+"|[^".]+)$/.exec(first);
  return of?.[1]?.replaceAll('"', "").replace(/^public\./, "");
}

function tableParts({ type, statements }: DumpEntry) {
  const at = statements.findIndex((statement) => /^CREATE (?:[A-Z]+ )*TABLE /.test(statement));
  const list = type.endsWith("TABLE") ? inParentheses(statements[at] ?? "") : undefined;
  if (list === undefined) return undefined;
  const others = [list.before, list.after, ...statements.filter((_, index) => index !== at)];
  return {
    columns: list.elements.filter((element) => !isConstraint(element)).map(parseColumn),
    sql: others.filter(Boolean).join("\n"),
  };
}

const isConstraint = (element: string) => element.startsWith("CONSTRAINT ");

/** CHECK constraints stand between the columns, unlike keys. */
function constraintsWithin({ statements }: DumpEntry, { name, columns }: SchemaObject) {
  if (columns === undefined) return [];
  const elements = statements.flatMap((statement) => inParentheses(statement)?.elements ?? []);
  return elements.filter(isConstraint).map((element): SchemaObject => {
    const own = leadingIdentifier(element.slice("CONSTRAINT ".length));
    return { type: "constraint", name: own.name, table: name, owner: undefined, sql: own.rest };
  });
}

/** A default that is set after its sequence was made is the column's all the same. */
function giveDefault(objects: Map<string, SchemaObject>, { name, table, sql }: SchemaObject) {
  const column = objects
    .get(keyOf("table", table ?? ""))
    ?.columns?.find((candidate) => candidate.name === name);
  const value = / SET DEFAULT ([\s\S]*)$/.exec(sql)?.[1];
  if (column === undefined || value === undefined) return false;
  column.attributes.set("DEFAULT", value);
  return true;
}

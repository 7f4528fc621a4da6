import { type Entry, keyOf } from "./entries.ts";
import { isAttachment, type Plan } from "./plan.ts";

/** Objects that a comment or a privilege is for; relations are tables to pg_dump there. */
const relationTypes = ["TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE", "SEQUENCE"];

/** What a comment, a privilege or a part of an index is about; undefined for columns and for what is not found. */
export function subjectOf(entry: Entry, among: ReadonlyMap<string, Entry>): string | undefined {
  const { type, name, schema } = entry;
  if (type === "INDEX ATTACH") {
    for (const each of among.values()) {
      if (
        ["INDEX", "CONSTRAINT"].includes(each.type) &&
        each.schema === schema &&
        each.own === name
      )
        return each.key;
    }
    return undefined;
  }
  if (type !== "COMMENT" && type !== "ACL") return undefined;
  const on = /^(CONSTRAINT|TRIGGER|POLICY|RULE) ([\s\S]+) ON ([\s\S]+)$/.exec(name);
  if (on) {
    const kinds =
      on[1] === "CONSTRAINT" ? ["CONSTRAINT", "CHECK CONSTRAINT", "FK CONSTRAINT"] : [on[1] ?? ""];
    return kinds
      .map((kind) => keyOf(kind, schema, `${on[3]} ${on[2]}`))
      .find((key) => among.has(key));
  }
  const kind = /^([A-Z]+(?: [A-Z]+)*) ([\s\S]+)$/.exec(name);
  if (kind === null || kind[1] === "COLUMN") return undefined;
  const kinds = kind[1] === "TABLE" ? relationTypes : [kind[1] ?? ""];
  return kinds
    .map((each) =>
      keyOf(each, each === "SCHEMA" || each === "EXTENSION" ? undefined : schema, kind[2] ?? ""),
    )
    .find((key) => among.has(key));
}

/** A column, or a constraint among the columns, of a comment or a privilege: its table and its name. */
export function partOf({ name, schema }: Entry, among: ReadonlyMap<string, Entry>) {
  const column = /^COLUMN ([\s\S]+)$/.exec(name)?.[1];
  const constraint = /^CONSTRAINT ([\s\S]+) ON ([\s\S]+)$/.exec(name);
  for (const entry of among.values()) {
    if (
      !["TABLE", "FOREIGN TABLE", "VIEW", "MATERIALIZED VIEW"].includes(entry.type) ||
      entry.schema !== schema
    )
      continue;
    if (column?.startsWith(`${entry.name}.`))
      return { entry, column: column.slice(entry.name.length + 1) };
    if (constraint?.[2] === entry.name) return { entry, constraint: constraint[1] ?? "" };
  }
  return undefined;
}

/** Whether objects are made, which default privileges would give more than their own. */
export function makesAnything({ base, branch, gone, swapped }: Plan): boolean {
  const isMade = (entry: Entry) =>
    !isAttachment(entry) && (!base.has(entry.key) || gone.has(entry.key));
  return swapped.size > 0 || [...branch.values()].some(isMade);
}

import { quoteIdentifier, quoteQualified } from "../../quote.ts";
import { type DumpEntry, dumpEntries } from "../dump.ts";

/** An entry of a dump, found by a key that two dumps of one object share. */
export interface Entry extends DumpEntry {
  key: string;
  /** Key of the table that it hangs on, where it does, and what it is called there. */
  table: string | undefined;
  own: string;
}

export const keyOf = (type: string, schema: string | undefined, name: string): string =>
  [type, schema ?? "", name].join("\n");

/** Their name in a dump is that of their table, a space, and their own. */
const namedAfterTable = new Set([
  ...["CONSTRAINT", "CHECK CONSTRAINT", "FK CONSTRAINT", "DEFAULT"],
  ...["TRIGGER", "RULE", "POLICY"],
]);

const relations = ["TABLE", "FOREIGN TABLE", "VIEW", "MATERIALIZED VIEW"];
const isRelation = new Set(relations);

/** In the order of the dump, in which everything stands behind what it needs. */
export function migrationEntries(dump: string): Map<string, Entry> {
  const found = new Map<string, Entry>();
  const entries = dumpEntries(dump);
  const names = entries
    .filter(({ type }) => isRelation.has(type))
    .map(({ type, schema, name }) => ({ schema, name, key: keyOf(type, schema, name) }))
    .sort((one, other) => other.name.length - one.name.length);
  for (const entry of entries) {
    const { type, schema, name } = entry;
    const of = namedAfterTable.has(type)
      ? names.find((each) => each.schema === schema && name.startsWith(`${each.name} `))
      : undefined;
    // Default privileges are told apart by whose objects they are for.
    const key = keyOf(type, schema, type === "DEFAULT ACL" ? `${name} ${entry.owner}` : name);
    const same = found.get(key);
    if (same) same.statements.push(...entry.statements);
    else {
      const own = of ? name.slice(of.name.length + 1) : name;
      const table = of?.key ?? tableOfStatement(entry, names);
      // A view that needs a key stands before it without what it selects, which comes behind the key.
      const isBody = type === "RULE" && own === "_RETURN";
      found.set(key, { ...entry, ...(isBody ? { type: "VIEW BODY" } : {}), key, table, own });
    }
  }
  return found;
}

const quotedPart = '(?:"(?:[^"]|"")*"|[^\\s".();,]+)';
export const qualified = `${quotedPart}(?:\\.${quotedPart})?`;

const ofTable: Record<string, RegExp> = {
  INDEX: new RegExp(`^CREATE (?:UNIQUE )?INDEX ${quotedPart} ON (?:ONLY )?(${qualified}) USING `),
  "TABLE ATTACH": new RegExp(` ATTACH PARTITION (${qualified}) `),
  "ROW SECURITY": new RegExp(`^ALTER TABLE (${qualified}) `),
  SEQUENCE: new RegExp(`^ALTER TABLE (${qualified}) ALTER COLUMN `),
  "SEQUENCE OWNED BY": new RegExp(` OWNED BY (${qualified})\\.${quotedPart}$`),
  "PUBLICATION TABLE": new RegExp(` ADD TABLE (?:ONLY )?(${qualified})`),
};

function tableOfStatement(
  { type, statements }: DumpEntry,
  names: readonly { schema: string | undefined; name: string; key: string }[],
): string | undefined {
  const pattern = ofTable[type];
  const written = statements.map((statement) => pattern?.exec(statement)?.[1]).find(Boolean);
  if (written === undefined) return undefined;
  return names.find((each) => isWrittenAs(written, each))?.key;
}

const bare = /^[a-z_][a-z0-9_$]*$/;

/** pg_dump quotes a name only where it must. */
function isWrittenAs(
  written: string,
  { schema = "", name }: { schema: string | undefined; name: string },
): boolean {
  return unquoted(written) === unquoted(quoteQualified(schema, name));
}

/** `public."a b"` as `"public"."a b"`. */
export function unquoted(written: string): string {
  const parts = written.match(new RegExp(quotedPart, "g")) ?? [];
  return parts.map((part) => (bare.test(part) ? quoteIdentifier(part) : part)).join(".");
}

/** The name as the dump writes it, of what `CREATE … name` makes. */
export function tableName(entry: Entry): string {
  const match = new RegExp(
    `^CREATE (?:UNLOGGED |FOREIGN |MATERIALIZED )*(?:TABLE|VIEW) (${qualified})`,
  );
  for (const statement of entry.statements) {
    const name = match.exec(statement)?.[1];
    if (name !== undefined) return name;
  }
  return quoteQualified(entry.schema ?? "public", entry.name);
}

/** For people: without `public.`. */
export const shownEntry = ({ type, schema, name }: DumpEntry): string => {
  const full = schema === undefined || schema === "public" ? name : `${schema}.${name}`;
  return `${type.toLowerCase()} ${full}`;
};

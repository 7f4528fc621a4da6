import { splitTopLevel, tokensOf } from "./scan.ts";

/** One entry of pg_dump's output: what follows a `-- Name: …; Type: …` comment. */
export interface DumpEntry {
  /** pg_dump's own word, such as TABLE or FK CONSTRAINT. */
  type: string;
  /** Undefined for what belongs to no schema. */
  schema: string | undefined;
  name: string;
  /** Of what has an owner of its own. */
  owner: string | undefined;
  /** Statements without their semicolons, nor those that only set the owner. */
  statements: string[];
  /** The one that sets the owner: `ALTER TABLE public.a OWNER TO o`. */
  setsOwner: string | undefined;
}

const header = /^-- Name: (.*); Type: (.*); Schema: (.*); Owner: (.*)$/;

/** What a comment says of the entry that it introduces. */
export function entryHeader(comment: string): Pick<DumpEntry, "name" | "schema"> | undefined {
  const [, name = "", , schema] = header.exec(comment) ?? [];
  return schema === undefined ? undefined : { name, schema };
}

/**
 * The entries of a `pg_dump --schema-only` text. Statements that no comment introduces, which pg_dump
 * does not print, come as one entry of type OTHER rather than be passed over.
 */
export function dumpEntries(sql: string): DumpEntry[] {
  const entries: DumpEntry[] = [];
  const ambient = new Map<string, string>();
  for (const { fields, text } of sections(sql)) {
    const [name = "", type = "OTHER", schema = "-", owner = "-"] = fields;
    const statements = splitTopLevel(text, ";");
    // Where and how tables are stored is set before them, and holds until it is set again.
    const around = storedBySettings.has(type) ? [...ambient.values()] : [];
    const own = statements.filter((statement) => !isPreamble(statement, ambient));
    if (fields.length === 0 && own.length === 0) continue;
    const owning = statements.find((statement) => setsOwner.test(statement));
    entries.push({
      type,
      name,
      schema: schema === "-" ? undefined : schema,
      owner: owning !== undefined || type === "DEFAULT ACL" ? owner : undefined,
      statements: [...around, ...own],
      setsOwner: owning,
    });
  }
  return entries;
}

const storedBySettings = new Set(["TABLE", "INDEX", "MATERIALIZED VIEW", "CONSTRAINT"]);

const setsOwner = /^ALTER [A-Z ]+ [\s\S]* OWNER TO (?:"(?:[^"]|"")+"|\S+)$/;

/** Notes settings that concern the entries after this one, and passes over what is no part of a schema. */
function isPreamble(statement: string, ambient: Map<string, string>): boolean {
  const storage = /^SET (default_(?:tablespace|table_access_method)) = (.*)$/.exec(statement);
  if (storage) {
    const [, name = "", value = ""] = storage;
    if (value === "''" || value === "heap") ambient.delete(name);
    else ambient.set(name, statement);
    return true;
  }
  return (
    setsOwner.test(statement) ||
    /^SET [a-z_]+ = \S+$/.test(statement) ||
    statement.startsWith("SELECT pg_catalog.set_config('search_path'")
  );
}

/** The text after each header comment; what looks like one within quotes, as in a function's body, is none. */
function sections(sql: string): { fields: string[]; text: string }[] {
  const found: { fields: string[]; text: string }[] = [];
  let current: { fields: string[]; text: string } = { fields: [], text: "" };
  let from = 0;
  for (const { at, end, kind, text } of tokensOf(sql)) {
    if (kind !== "comment" || !text.startsWith("--")) continue;
    current.text += sql.slice(from, at);
    const fields = header.exec(text)?.slice(1);
    if (fields) {
      found.push(current);
      current = { fields, text: "" };
    }
    from = end;
  }
  current.text += sql.slice(from);
  return [...found, current];
}

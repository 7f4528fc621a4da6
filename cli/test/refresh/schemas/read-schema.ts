import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";

/** A schema of somebody's, as a file of SQL or a folder of migrations. */
export interface ForeignSchema {
  name: string;
  /** SQL by the migration's name. */
  migrations: Record<string, string>;
}

/**
 * Every .sql file and every folder of them, in the order of their names.
 *
 * @param list a folder with schemas in it, or several paths with `:` between them
 */
export function readSchemas(list: string): ForeignSchema[] {
  const paths = list.split(":").filter(Boolean);
  const [only = ""] = paths;
  const all =
    paths.length > 1 || only.endsWith(".sql")
      ? paths
      : readdirSync(only)
          .sort()
          .map((name) => join(only, name));
  return all.map((path) => ({ name: basename(path, ".sql"), migrations: readMigrations(path) }));
}

function readMigrations(path: string): Record<string, string> {
  if (!statSync(path).isDirectory())
    return { "0000_schema": withoutPsql(readFileSync(path, "utf8")) };
  const files = readdirSync(path)
    .filter((name) => name.endsWith(".sql"))
    .sort();
  return Object.fromEntries(
    files.map((name) => [
      basename(name, ".sql"),
      withoutPsql(readFileSync(join(path, name), "utf8")),
    ]),
  );
}

/** What is of psql's, of one server's roles, or needs an extension that no server of npm's has. */
const withoutPsql = (sql: string): string =>
  sql
    .replace(/^\\.*$/gm, "")
    .replace(/\bvector\(\d+\)/g, "real[]")
    .replace(/^ALTER .* OWNER TO .*;$/gm, "")
    .replace(
      /^(CREATE|COMMENT ON) EXTENSION\b.*\b(pg_partman|postgis|timescaledb|vector)\b.*;$/gim,
      "",
    );

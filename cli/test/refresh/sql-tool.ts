import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { DsProject } from "../helpers/ds-project.ts";

/** A migration tool that nobody knows: it applies the files of `sql/` by name, and notes them in a table. */
const program = `
import { readdirSync, readFileSync } from "node:fs";
import pg from "${import.meta.resolve("pg")}";
process.on("uncaughtException", ({ message }) => {
  console.error(message);
  process.exit(1);
});
const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
await client.connect();
await client.query("create table if not exists public.schema_migrations (version text primary key)");
const { rows } = await client.query("select version from public.schema_migrations");
const done = new Set(rows.map(({ version }) => version));
for (const file of readdirSync("sql").sort()) {
  if (done.has(file)) continue;
  console.log(file);
  await client.query(readFileSync("sql/" + file, "utf8"));
  await client.query("insert into public.schema_migrations values ($1)", [file]);
}
await client.end();
`;

/** A project may have something happen meanwhile. */
const meanwhile = `
import { existsSync } from "node:fs";
if (existsSync("meanwhile.mjs")) await import("./meanwhile.mjs");
`;

export const sqlToolLine = `migrations: { command: "node sql-tool.mjs" },`;

/** Writes the tool, and migrations for it by name. */
export function writeSqlTool(project: DsProject, migrations: Record<string, string>): void {
  project.write("sql-tool.mjs", program + meanwhile);
  mkdirSync(join(project.path, "sql"), { recursive: true });
  for (const [name, text] of Object.entries(migrations)) project.write(`sql/${name}.sql`, text);
}

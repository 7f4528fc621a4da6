import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Client } from "pg";
import { ds, startDs } from "./command.ts";

const pg = pathToFileURL(createRequire(import.meta.url).resolve("pg")).href;

export type TestProject = ReturnType<typeof makeProject>;

/** A customer's project: one migration, and a seed that can be held up or made to fail. */
export function makeProject(folder: string, name: string, env: NodeJS.ProcessEnv) {
  const root = join(folder, name);
  mkdirSync(join(root, "drizzle", "meta"), { recursive: true });
  mkdirSync(join(root, ".git"));
  writeFileSync(
    join(root, "drizzle", "0000_words.sql"),
    "create table words (word text not null);",
  );
  const entries = [
    { idx: 0, version: "7", when: 1_760_000_000_000, tag: "0000_words", breakpoints: true },
  ];
  const journal = { version: "7", dialect: "postgresql", entries };
  writeFileSync(join(root, "drizzle", "meta", "_journal.json"), JSON.stringify(journal));
  writeFileSync(
    join(root, "ds.config.ts"),
    `export default { project: "${name}", seed: { command: "node seed.mjs {size}", size: "small" } };`,
  );
  writeFileSync(
    join(root, "seed.mjs"),
    `import { appendFileSync, existsSync } from "node:fs";
     import pg from "${pg}";
     const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
     await client.connect();
     await client.query("insert into words values ($1)", [process.argv[2]]);
     appendFileSync("runs", "x");
     console.log("seeding");
     while (existsSync("hold")) await new Promise((wait) => setTimeout(wait, 20));
     if (existsSync("fail")) { console.error("seed: no such luck"); process.exit(3); }
     await client.end();`,
  );
  const file = (path: string) => join(root, path);
  return {
    file,
    flag: (flag: string, on: boolean) =>
      on ? writeFileSync(file(flag), "") : rmSync(file(flag), { force: true }),
    run: (...args: string[]) => ds(root, args, env),
    start: (...args: string[]) => startDs(root, args, env),
    words: () => query(readFileSync(file(".env"), "utf8").match(/^DATABASE_URL=(.*)$/m)?.[1] ?? ""),
    envFile: file(".env"),
  };
}

async function query(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query("select word from words")).rows.map(({ word }) => word);
  } finally {
    await client.end();
  }
}

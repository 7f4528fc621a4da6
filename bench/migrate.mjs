// `ds db migrate` beside Drizzle's own: with nothing to do, and with a folder of 200 migrations.
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import pg from "pg";

/** @typedef {import("./run.mjs").Command} Command */
/** @typedef {import("./run.mjs").Finding} Finding */

const require = createRequire(import.meta.url);
const many = 200;

/**
 * Nothing to do, on a database that both have seen. Where Node is told of more certificates, it reads them
 * at each start, before anything of ours or theirs runs: from that only the checkout's launcher keeps it,
 * so the command itself is compared without them.
 *
 * @param {{ ds: string, launcher: string, project: string, url: string, compare: (ours: Command, theirs: Command, limit: number) => Finding }} options
 * @returns {Finding[]}
 */
export function noOp({ ds, launcher, project, url, compare }) {
  const kit = join(dirname(require.resolve("drizzle-kit")), "bin.cjs");
  writeFileSync(
    join(project, "drizzle.config.json"),
    JSON.stringify({ dialect: "postgresql", out: "./drizzle", dbCredentials: { url } }),
  );
  const compared = (
    /** @type {string[]} */ program,
    /** @type {string[]} */ without,
    /** @type {string[]} */ more = [],
  ) =>
    compare(
      {
        name: `${program.length === 1 ? "./ds" : "ds"} db migrate${more.length > 0 ? " --db" : ""}, no-op${without.length > 0 ? "*" : ""}`,
        args: [...program, "db", "migrate", ...more],
        cwd: project,
        without,
      },
      {
        name: "drizzle-kit migrate",
        args: [process.execPath, kit, "migrate", "--config=drizzle.config.json"],
        cwd: project,
        without,
      },
      1 / 4,
    );
  // Drizzle's is told the address; ours asks the API for the branch's, unless it is told as well.
  const told = ["--db", url];
  const certificates = "NODE_EXTRA_CA_CERTS";
  const node = [process.execPath, ds];
  const without = process.env[certificates] ? [certificates] : [];
  return [
    compared([launcher], []),
    compared([launcher], [], told),
    compared(node, without),
    compared(node, without, told),
  ];
}

/**
 * A folder of 200 on empty databases, a new one for each run.
 *
 * @param {{ ds: string, folder: string, url: string, rounds: number, run: (command: Command) => number, median: (numbers: number[]) => number, ms: (milliseconds: number) => string }} options
 * @returns {Promise<Finding>}
 */
export async function twoHundred({ ds, folder, url, rounds, run, median, ms }) {
  const project = makeProject(join(folder, "two-hundred"));
  const client = new pg.Client(url);
  await client.connect();
  /** @type {Record<"ours" | "theirs", number[]>} */
  const times = { ours: [], theirs: [] };
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const side of /** @type {const} */ (["ours", "theirs"])) {
        const name = `bench_${side}_${round}`;
        await client.query(`create database ${name}`);
        const database = new URL(url);
        database.pathname = `/${name}`;
        const args =
          side === "ours"
            ? [ds, "db", "migrate", "--db", database.href]
            : ["migrate-with-drizzle.mjs", database.href];
        times[side].push(run({ name: side, args: [process.execPath, ...args], cwd: project }));
        await client.query(`drop database ${name}`);
      }
    }
  } finally {
    await client.end();
  }
  const [ours, theirs] = [median(times.ours), median(times.theirs)];
  return {
    title: `ds db migrate / drizzle-orm, ${many}`,
    ratio: ours / theirs,
    limit: 1.3,
    detail: `${ms(ours)} / ${ms(theirs)}`,
  };
}

/** @param {string} path */
function makeProject(path) {
  mkdirSync(join(path, "drizzle/meta"), { recursive: true });
  const tags = Array.from({ length: many }, (_, n) => `${String(n).padStart(4, "0")}_table`);
  const entries = tags.map((tag, idx) => ({
    idx,
    version: "7",
    when: 1_790_000_000_000 + idx * 1000,
    tag,
    breakpoints: true,
  }));
  const journal = { version: "7", dialect: "postgresql", entries };
  writeFileSync(join(path, "drizzle/meta/_journal.json"), JSON.stringify(journal));
  for (const [n, tag] of tags.entries()) {
    writeFileSync(
      join(path, `drizzle/${tag}.sql`),
      `CREATE TABLE "t${n}" ("id" serial PRIMARY KEY NOT NULL, "name" text NOT NULL, "at" timestamptz DEFAULT now());\n` +
        `--> statement-breakpoint\nCREATE INDEX "t${n}_name" ON "t${n}" ("name");\n`,
    );
  }
  const url = (/** @type {string} */ name) => JSON.stringify(pathToFileURL(require.resolve(name)));
  writeFileSync(
    join(path, "migrate-with-drizzle.mjs"),
    `import { drizzle } from ${url("drizzle-orm/node-postgres")};
import { migrate } from ${url("drizzle-orm/node-postgres/migrator")};
import pg from ${url("pg")};
const client = new pg.Client(process.argv[2]);
await client.connect();
await migrate(drizzle(client), { migrationsFolder: "drizzle" });
await client.end();
`,
  );
  writeFileSync(join(path, "package.json"), '{ "name": "two-hundred", "private": true }\n');
  return path;
}

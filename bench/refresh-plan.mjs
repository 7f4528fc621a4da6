// `ds db refresh-staging --init` and `--plan` with 500 tables on a real engine: how long each takes, how much
// memory the command needs, and how many lines a proposal has beside one line for each table and column.
//
//   npm run bench-refresh-plan
//   BENCH_TABLES=139 npm run …
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { prepare } from "../scripts/build.mjs";
import { largeSchema } from "./large-schema.mjs";
import { writesMemory } from "./memory.mjs";

const root = join(import.meta.dirname, "..");
const ds = join(root, "cli/bin/ds.js");
const tables = Number(process.env.BENCH_TABLES ?? 500);
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const limits = { seconds: 10, megabytes: 200, lines: 1 / 5 };

await prepare({ ifStale: true });
const folder = mkdtempSync(join(tmpdir(), "ds-bench-plan-"));
chmodSync(folder, 0o711);
const project = join(folder, "project");
const hidden = /^(DS_|NEON_|PG|DATABASE_URL|DEVSTRIDE_|PRODUCTION)/;
const kept = Object.entries(process.env).filter(([name]) => !hidden.test(name));
/** @type {Record<string, string>} */
const env = {
  ...Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
  DS_HOME: join(folder, "home"),
  DS_MASK_KEY: "a key that only this benchmark has",
};
const schema = largeSchema(tables);

try {
  makeProject();
  ask(["setup", "--developer", "bench"]);
  const production = await makeProduction(ask(["db", "url", "--target", "main"]));
  Object.assign(env, { PRODUCTION_DATABASE_URL: production });
  const { tables: all, columns, references } = schema.size;
  process.stdout.write(`${all} tables, ${columns} columns, ${references} references\n`);
  const config = readFileSync(join(project, "ds.config.ts"), "utf8");
  for (let round = 0; round < rounds; round += 1) {
    writeFileSync(join(project, "ds.config.ts"), config);
    const proposal = JSON.parse(measure("--init", ["--init", "--json"]));
    if (round === 0) reportLines(proposal);
    acceptProposal();
    measure("--plan", ["--plan", "--json"]);
  }
} finally {
  spawnSync(process.execPath, [ds, "engine", "stop"], { cwd: project, env });
  rmSync(folder, { recursive: true, force: true });
}

/**
 * @param {string} title
 * @param {string[]} args
 */
function measure(title, args) {
  const file = join(folder, "memory");
  const began = performance.now();
  const answer = ask(["db", "refresh-staging", ...args], {
    NODE_OPTIONS: `--import=${writesMemory(file)}`,
  });
  const seconds = (performance.now() - began) / 1000;
  const megabytes = Number(readFileSync(file, "utf8")) / 1024;
  report(
    `${title}: time / ${limits.seconds} s`,
    seconds / limits.seconds,
    `${seconds.toFixed(1)} s`,
  );
  report(
    `${title}: memory / ${limits.megabytes} MB`,
    megabytes / limits.megabytes,
    `${megabytes.toFixed(0)} MB`,
  );
  return answer;
}

/** @param {{ section: string, tables: object, columns: object }} proposal */
function reportLines(proposal) {
  const short = proposal.section.split("\n").length;
  const long = Object.keys(proposal.tables).length + Object.keys(proposal.columns).length;
  report(
    `lines / one for each table and column / ${limits.lines}`,
    short / long / limits.lines,
    `${short} / ${long}`,
  );
}

/**
 * @param {string} title
 * @param {number} ratio of what is allowed
 * @param {string} detail
 */
function report(title, ratio, detail) {
  const verdict = ratio < 1 ? "pass" : "FAIL";
  process.stdout.write(`${verdict}  ${title.padEnd(46)} ${ratio.toFixed(2).padEnd(6)} ${detail}\n`);
  if (ratio >= 1) process.exitCode = 1;
}

function makeProject() {
  const migrations = join(project, "drizzle");
  mkdirSync(join(migrations, "meta"), { recursive: true });
  execFileSync("git", ["init", "--quiet", project]);
  writeFileSync(join(project, ".gitignore"), ".env\n");
  writeFileSync(
    join(project, "ds.config.ts"),
    `import { defineConfig } from "@devstride/ds";\nexport default defineConfig({\n  project: "bench",\n});\n`,
  );
  const entry = { idx: 0, version: "7", when: 1, tag: "0000_all", breakpoints: true };
  const journal = { version: "7", dialect: "postgresql", entries: [entry] };
  writeFileSync(join(migrations, "meta/_journal.json"), JSON.stringify(journal));
  writeFileSync(join(migrations, "0000_all.sql"), schema.schema);
}

/** What nobody but the team knows. */
function acceptProposal() {
  const file = join(project, "ds.config.ts");
  const accepted = readFileSync(file, "utf8")
    .replace(`demo: "demo"`, `demo: "1"`)
    .replace("select current_setting('cluster_name')", "select current_database()");
  writeFileSync(file, accepted);
}

/**
 * Another database of the same server.
 *
 * @param {string} main
 */
async function makeProduction(main) {
  await run(main, "create database production");
  const url = new URL(main);
  url.pathname = "/production";
  await run(url.href, `begin; ${schema.schema}\n${schema.data}\ncommit; analyze`);
  return url.href;
}

/**
 * @param {string} url
 * @param {string} sql
 */
async function run(url, sql) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of sql.split(";\n")) await client.query(statement);
  } finally {
    await client.end();
  }
}

/**
 * @param {string[]} args
 * @param {Record<string, string>} [more]
 */
function ask(args, more = {}) {
  return execFileSync(process.execPath, [ds, ...args], {
    cwd: project,
    env: { ...env, ...more },
    maxBuffer: 64 * 1024 * 1024,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }).trim();
}

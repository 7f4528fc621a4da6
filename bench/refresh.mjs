// `ds db refresh-staging` beside what people use instead, on the same servers in the same run: production is
// Debian's PostgreSQL with the sample backend's data, what it is copied into are branches of the engine.
//
//   npm run bench-refresh            11.8 million rows, 2.0 million of them the organization's
//   BENCH_ROWS=500000 npm run …      a quick look
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare } from "../scripts/build.mjs";
import { findBinaries, startServer } from "./debian-postgres.mjs";
import { writesMemory } from "./memory.mjs";
import { dumpRestoreDelete } from "./refresh-dump.mjs";
import { compareStream } from "./refresh-streams.mjs";

const root = join(import.meta.dirname, "..");
const ds = join(root, "cli/bin/ds.js");
const rows = process.env.BENCH_ROWS ?? "11800000";
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const bin = findBinaries();
const organization = "org_demo";

if (bin === undefined) {
  process.stdout.write("skipped: needs PostgreSQL's server and client as Debian installs them\n");
  process.exit(0);
}
await prepare({ ifStale: true });
const folder = mkdtempSync(join(tmpdir(), "ds-bench-refresh-"));
chmodSync(folder, 0o711);
const hidden = /^(DS_|NEON_|PG|DATABASE_URL|DEVSTRIDE_)/;
const kept = Object.entries(process.env).filter(([name]) => !hidden.test(name));
// Production made by an earlier run is taken as it is.
const productionFolder = process.env.BENCH_PRODUCTION ?? join(folder, "production");
const made = existsSync(join(productionFolder, "data"));
const server = await startServer(bin, productionFolder);
const production = server.url("production");
/** @type {Record<string, string>} */
const env = {
  ...Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
  DS_HOME: join(folder, "home"),
  DS_MASK_KEY: "a key that only this benchmark has",
  PRODUCTION_URL: production,
};

try {
  if (!made) makeProduction();
  ask(["setup", "--developer", "bench"], project("masked"));
  const findings = [...(await streams()), ...(await whole())];
  for (const { title, ratio, limit, detail } of findings) {
    const verdict = ratio <= limit ? "pass" : "FAIL";
    const numbers = `${ratio.toFixed(2)} (limit ${limit.toFixed(2)})`;
    process.stdout.write(`${verdict}  ${title.padEnd(44)} ${numbers.padEnd(20)} ${detail}\n`);
    if (ratio > limit) process.exitCode = 1;
  }
  process.stdout.write("not here: pg_sample, which neither Debian nor npm nor PyPI has\n");
} finally {
  spawnSync(process.execPath, [ds, "engine", "stop"], { cwd: root, env });
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** @typedef {{ title: string, ratio: number, limit: number, detail: string }} Finding */

/** One stream of a wide and of a narrow table, beside psql | psql. */
async function streams() {
  const url = ask(["db", "url"], join(folder, "masked"));
  const watched = `item_id in (select id from items where organization_id = '${organization}')`;
  /** @type {Finding[]} */
  const findings = [];
  for (const [table, condition] of Object.entries({
    notifications: `organization_id = '${organization}'`,
    item_watchers: watched,
  })) {
    const select = `select * from ${table} where ${condition}`;
    const {
      times,
      bytes,
      rows: count,
    } = await compareStream({
      ...{ bin: String(bin), source: production, target: url, rounds: Math.max(rounds, 5) },
      stream: { table, columns: "*", select },
    });
    const [ours, theirs] = [median(times.ours), median(times.psql)];
    findings.push({
      title: `one stream, ${table} / psql | psql`,
      ratio: ours / theirs,
      limit: 1.15,
      detail: `${count} rows, ${(bytes / 1e6).toFixed(0)} MB: ${ours.toFixed(2)} s / ${theirs.toFixed(2)} s`,
    });
  }
  return findings;
}

/** The command from beginning to end: masked, with nothing masked, and dump, restore, delete. */
async function whole() {
  project("plain");
  /** @type {Record<string, number[]>} */
  const seconds = { masked: [], plain: [], maskedCopy: [], plainCopy: [], dump: [], memory: [] };
  let report = { rows: 0, bytes: 0 };
  const note = (/** @type {string} */ kind, /** @type {number} */ took) => {
    seconds[kind]?.push(took);
    process.stderr.write(`${kind}: ${took.toFixed(1)} s\n`);
  };
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of ["masked", "plain"]) {
      const memory = join(folder, "memory");
      const began = performance.now();
      const text = ask(
        ["db", "refresh-staging", "-o", organization, "--yes", "--json"],
        join(folder, kind),
        {
          NODE_OPTIONS: `--import=${writesMemory(memory)}`,
        },
      );
      note(kind, (performance.now() - began) / 1000);
      const document = JSON.parse(text);
      seconds[`${kind}Copy`]?.push(document.seconds.copy);
      seconds.memory?.push(Number(readFileSync(memory, "utf8")) / 1024);
      report = document;
    }
    const url = ask(["db", "url"], join(folder, "masked"));
    note(
      "dump",
      await dumpRestoreDelete({ bin: String(bin), production, url, folder, organization }),
    );
  }
  const of = (/** @type {string} */ name) => median(seconds[name] ?? []);
  const moved = `${report.rows} rows, ${(report.bytes / 1e6).toFixed(0)} MB`;
  return [
    {
      title: "copying masked / unmasked",
      ratio: of("maskedCopy") / of("plainCopy"),
      limit: 1.3,
      detail: `${moved}: ${of("maskedCopy").toFixed(1)} s / ${of("plainCopy").toFixed(1)} s`,
    },
    {
      title: "ds / pg_dump -j2, pg_restore -j2, delete",
      ratio: of("masked") / of("dump"),
      limit: 1,
      detail: `${of("masked").toFixed(1)} s / ${of("dump").toFixed(1)} s`,
    },
    {
      title: "resident memory / 150 MB",
      ratio: Math.max(...(seconds.memory ?? [])) / 150,
      limit: 1,
      detail: `${Math.max(...(seconds.memory ?? [])).toFixed(0)} MB at most`,
    },
  ];
}

function makeProduction() {
  const psql = (/** @type {string} */ url, /** @type {string} */ sql) =>
    execFileSync(join(String(bin), "psql"), [url, "-qXc", sql], { stdio: "inherit" });
  psql(server.url("postgres"), "create database production");
  execFileSync(process.execPath, [ds, "db", "migrate", "--db", production], {
    cwd: root,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const seed = ["--import", "tsx", "src/seed/main.ts", "--size", rows, "--first-id", "500001"];
  execFileSync(process.execPath, seed, {
    cwd: join(root, "backend"),
    env: { ...env, DATABASE_URL: production },
    stdio: "inherit",
  });
  psql(production, "vacuum analyze");
}

/**
 * A project with this repository's migrations and rules; `plain` masks nothing.
 *
 * @param {string} kind
 */
function project(kind) {
  const path = join(folder, kind);
  execFileSync("git", ["init", "--quiet", path]);
  // Two checkouts of one repository: a project is another repository's otherwise.
  execFileSync("git", ["-C", path, "remote", "add", "origin", "https://git.example/bench.git"]);
  writeFileSync(join(path, ".gitignore"), ".env\n");
  const columns = `Object.fromEntries(Object.keys(base.refresh.columns).map((name) => [name, mask.keep()]))`;
  writeFileSync(
    join(path, "ds.config.ts"),
    `import { defineConfig, mask } from "@devstride/ds";
import base from ${JSON.stringify(join(root, "ds.config.ts"))};
export default defineConfig({
  project: "bench",
  database: "neondb",
  migrations: { folder: ${JSON.stringify(join(root, "backend/drizzle"))} },
  refresh: {
    ...base.refresh,
    from: { variable: "PRODUCTION_URL", marker: { query: "select current_database()", value: "production" } },
    ${kind === "plain" ? `columns: ${columns},` : ""}
  },
});
`,
  );
  return path;
}

/**
 * @param {string[]} args
 * @param {string} cwd
 * @param {Record<string, string>} [more]
 */
function ask(args, cwd, more = {}) {
  const options = { cwd, env: { ...env, ...more }, maxBuffer: 64 * 1024 * 1024 };
  return execFileSync(process.execPath, [ds, ...args], {
    ...options,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }).trim();
}

/** @param {number[]} numbers */
function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

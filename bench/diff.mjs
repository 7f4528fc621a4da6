// `ds db diff --data` on a real engine: what it costs when the database grows and the change does not, beside a full outer
// join over postgres_fdw and two sorted COPYs through diff; its memory when everything differs; what the summaries cost.
//
//   npm run bench-diff
//   BENCH_DIFF_MB=450 BENCH_DIFF_PARTS=size,join,copies npm run bench-diff
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { prepare } from "../scripts/build.mjs";
import { findBinaries } from "./debian-postgres.mjs";
import { writesMemory } from "./memory.mjs";

const root = join(import.meta.dirname, "..");
const ds = join(root, "cli/bin/ds.js");
/** Of the larger of two databases, in MB; the smaller one has 45. */
const large = Number(process.env.BENCH_DIFF_MB ?? 4500);
const small = Math.min(45, large / 10);
const changed = 1000;
const differing = Number(process.env.BENCH_DIFF_ROWS ?? 10_000_000);
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const parts = (process.env.BENCH_DIFF_PARTS ?? "size,join,copies,memory,summaries").split(",");
const limits = { growth: 2, share: 1 / 10, megabytes: 150, pss: 2, slower: 1.03 };
/** With the index of the key: 10 million rows have 1.5 GB. */
const rowsOfMegabyte = 6700;

await prepare({ ifStale: true });
const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), "ds-bench-diff-"));
chmodSync(folder, 0o711);
const hidden = /^(DS_|NEON_|PG|DATABASE_URL|DEVSTRIDE_)/;
const kept = Object.entries(process.env).filter(([name]) => !hidden.test(name));
/** @type {Record<string, string>} */
const env = {
  ...Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
  DS_HOME: join(folder, "home"),
};
/** @type {string[]} */
const projects = [];

try {
  if (["size", "join", "copies"].some((part) => parts.includes(part))) await compareSizes();
  if (parts.includes("memory")) await measureMemory();
  if (parts.includes("summaries")) await measureSummaries();
} finally {
  const [cwd] = projects;
  if (cwd) spawnSync(process.execPath, [ds, "engine", "stop"], { cwd, env });
  rmSync(folder, { recursive: true, force: true });
}

async function compareSizes() {
  const sides = {
    small: {
      ...(await makeProject("small", small * rowsOfMegabyte)),
      megabytes: small,
      times: noTimes(),
    },
    large: {
      ...(await makeProject("large", large * rowsOfMegabyte)),
      megabytes: large,
      times: noTimes(),
    },
  };
  for (const [name, side] of Object.entries(sides)) {
    const { megabytes } = side;
    const rows = megabytes * rowsOfMegabyte;
    const step = Math.floor(rows / changed);
    await run(
      side.branch,
      `update items set n = n + 1 where id % ${step} = 0 and id <= ${step * changed}`,
    );
    const [size] = await run(
      side.branch,
      "select pg_database_size(current_database()) / 1e6 as mb",
    );
    print(`${name}: ${Math.round(size.mb)} MB, ${changed} of ${rows} rows changed`);
  }
  for (let round = 0; round <= rounds; round += 1) {
    for (const side of Object.values(sides)) {
      const { seconds, found } = diff(side.cwd);
      const items = itemsOf(found);
      if (items.changed !== changed) throw new Error(`${items.changed} rows are told`);
      if (found.way.by !== "pages") throw new Error(JSON.stringify(found.way));
      // The first wakes both branches.
      if (round > 0) side.times.push(seconds);
      else print(`pages read: ${found.way.pagesRead} of ${found.way.pages}`);
    }
  }
  const times = { small: median(sides.small.times), large: median(sides.large.times) };
  if (parts.includes("size")) {
    report(
      `${large} MB / ${small} MB / ${limits.growth}`,
      times.large / times.small / limits.growth,
      `${times.large.toFixed(2)} s / ${times.small.toFixed(2)} s`,
    );
  }
  if (parts.includes("join")) await compareJoin(sides.large, times.large);
  if (parts.includes("copies")) compareCopies(sides.large, times.large);
}

/**
 * @param {{ main: string, branch: string }} side
 * @param {number} own seconds
 */
async function compareJoin({ main, branch }, own) {
  const from = new URL(main);
  const quoted = (/** @type {string} */ text) =>
    `'${decodeURIComponent(text).replaceAll("'", "''")}'`;
  await run(
    branch,
    `create extension postgres_fdw; create schema far;
     create server main foreign data wrapper postgres_fdw options (host ${quoted(from.hostname)}, port ${quoted(from.port)},
       dbname ${quoted(from.pathname.slice(1))}, fetch_size '10000');
     create user mapping for current_user server main options (user ${quoted(from.username)}, password ${quoted(from.password)});
     import foreign schema public limit to (items) from server main into far`,
  );
  const began = performance.now();
  const [joined] = await run(
    branch,
    `select count(*)::int as n from items a full outer join far.items b using (id)
     where (a.n, a.note) is distinct from (b.n, b.note)`,
  );
  if (joined.n !== changed) throw new Error(`the join finds ${joined.n}`);
  const joining = (performance.now() - began) / 1000;
  report(
    `itself / join over postgres_fdw / ${limits.share}`,
    own / joining / limits.share,
    `${own.toFixed(2)} s / ${joining.toFixed(1)} s`,
  );
  await run(branch, "drop schema far cascade; drop extension postgres_fdw cascade");
}

/**
 * @param {{ main: string, branch: string }} side
 * @param {number} own seconds
 */
function compareCopies({ main, branch }, own) {
  const bin = findBinaries();
  if (!bin) return print("skipped: two sorted COPYs through diff, as there is no psql");
  const copy = (/** @type {string} */ url) =>
    `<(${join(bin, "psql")} '${url}' -qAtc 'copy (select * from items order by id) to stdout')`;
  const began = performance.now();
  const text = spawnSync(
    "bash",
    ["-c", `diff --speed-large-files ${copy(main)} ${copy(branch)} | grep -c '^>'`],
    { encoding: "utf8" },
  );
  if (Number(text.stdout) !== changed) throw new Error(`diff finds ${text.stdout}${text.stderr}`);
  const seconds = (performance.now() - began) / 1000;
  report(
    `itself / sorted COPYs through diff / ${limits.share}`,
    own / seconds / limits.share,
    `${own.toFixed(2)} s / ${seconds.toFixed(1)} s`,
  );
}

async function measureMemory() {
  const { cwd, branch } = await makeProject("differing", differing, "");
  await run(branch, "update items set n = n + 1");
  const { seconds, found, megabytes } = diff(cwd);
  const items = itemsOf(found);
  if (items.changed !== differing) throw new Error(`${items.changed} rows are told`);
  report(
    `memory of ${differing} differing rows / ${limits.megabytes} MB`,
    megabytes / limits.megabytes,
    `${megabytes.toFixed(0)} MB, ${seconds.toFixed(0)} s`,
  );
}

/** pgbench's own transactions, with and without summaries, in turn; and the memory of a branch at rest. */
async function measureSummaries() {
  const bin = findBinaries();
  if (!bin) return print("skipped: what the summaries cost, as there is no pgbench");
  const { cwd, branch } = await makeProject("pgbench", 1000);
  const pgbench = (/** @type {string[]} */ ...args) =>
    spawnSync(join(bin, "pgbench"), [...args, branch], { encoding: "utf8" }).stdout;
  pgbench("-i", "-q", "-s", String(process.env.BENCH_DIFF_SCALE ?? 50));
  const tps = { on: noTimes(), off: noTimes() };
  const pss = { on: 0, off: 0 };
  const endpoint = await endpointOf(cwd, branch);
  for (let round = 0; round < rounds; round += 1) {
    for (const setting of /** @type {const} */ (["on", "off"])) {
      await endpoint.set({ summarize_wal: setting });
      const [{ shown }] = await run(branch, "select current_setting('summarize_wal') as shown");
      if (shown !== setting) throw new Error(`summarize_wal is ${shown}`);
      await sleep(2000);
      pss[setting] = await memoryOf(branch);
      const seconds = String(process.env.BENCH_DIFF_SECONDS ?? 20);
      const found = /tps = ([\d.]+)/.exec(pgbench("-n", "-c", "4", "-j", "2", "-T", seconds));
      tps[setting].push(Number(found?.[1]));
    }
  }
  const [on, off] = [median(tps.on), median(tps.off)];
  const spread = (/** @type {number[]} */ all) => all.map((each) => each.toFixed(0)).join(" ");
  report(
    `pgbench -c 4 without / with summaries / ${limits.slower}`,
    off / on / limits.slower,
    `${off.toFixed(0)} / ${on.toFixed(0)} tps (without: ${spread(tps.off)}; with: ${spread(tps.on)})`,
  );
  const more = (pss.on - pss.off) / 1024;
  report(
    `memory at rest with summaries - without / ${limits.pss} MB`,
    more / limits.pss,
    `${more.toFixed(2)} MB PSS`,
  );
}

/**
 * PSS of a server and its processes, in KB: of the branch's main process by the port that it listens on.
 *
 * @param {string} url
 */
async function memoryOf(url) {
  const [{ pid }] = await run(url, "select pg_backend_pid() as pid");
  const [{ directory }] = await run(url, "select current_setting('neon.branch_id') as directory");
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const read = (/** @type {string} */ file) => {
    try {
      return readFileSync(file, "utf8");
    } catch {
      return "";
    }
  };
  const main = all.find((each) =>
    read(`/proc/${each}/cmdline`).includes(`cluster_name=${directory}`),
  );
  if (!main) throw new Error(`no server of ${directory} beside ${pid}`);
  const parent = (/** @type {string} */ each) =>
    / \d+ /.exec(read(`/proc/${each}/stat`).replace(/^.*\) \w/, ""))?.[0].trim();
  const own = all.filter((each) => each === main || parent(each) === main);
  const pssOf = (/** @type {string} */ each) =>
    Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${each}/smaps_rollup`))?.[1] ?? 0);
  return own.reduce((sum, each) => sum + pssOf(each), 0);
}

/**
 * Settings of the branch's endpoint, by the API, and a restart with them.
 *
 * @param {string} cwd
 * @param {string} url
 */
async function endpointOf(cwd, url) {
  const { NEON_API_HOST: api } = JSON.parse(ask(cwd, ["engine", "env", "--json"]));
  const key = readFileSync(join(env.DS_HOME ?? "", "api-key"), "utf8").trim();
  const [{ project, endpoint }] = await run(
    url,
    "select current_setting('neon.project_id') as project, current_setting('neon.endpoint_id') as endpoint",
  );
  const call = async (
    /** @type {string} */ method,
    /** @type {string} */ path,
    /** @type {unknown} */ body,
  ) => {
    const response = await fetch(`${api}/projects/${project}/endpoints/${endpoint}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, connection: "close" },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  };
  return {
    set: async (/** @type {Record<string, string>} */ pgSettings) => {
      await call("PATCH", "", { endpoint: { settings: { pg_settings: pgSettings } } });
      await call("POST", "/restart", undefined);
    },
  };
}

/**
 * A project with so many rows in main, and a branch of it.
 *
 * @param {string} name
 * @param {number} rows
 * @param {string} note
 */
async function makeProject(name, rows, note = "x".repeat(84)) {
  const cwd = join(folder, name);
  const migrations = join(cwd, "drizzle");
  mkdirSync(join(migrations, "meta"), { recursive: true });
  projects.push(cwd);
  execFileSync("git", ["init", "--quiet", cwd]);
  writeFileSync(join(cwd, ".gitignore"), ".env\n");
  writeFileSync(join(cwd, "ds.config.ts"), `export default { project: "${name}" };\n`);
  const entry = { idx: 0, version: "7", when: 1, tag: "0000_all", breakpoints: true };
  const journal = { version: "7", dialect: "postgresql", entries: [entry] };
  writeFileSync(join(migrations, "meta/_journal.json"), JSON.stringify(journal));
  writeFileSync(
    join(migrations, "0000_all.sql"),
    "create table items (id int primary key, n int, note text)",
  );
  ask(cwd, ["setup", "--developer", "bench"]);
  const main = ask(cwd, ["db", "url", "--target", "main"]);
  const step = 1_000_000;
  for (let from = 1; from <= rows; from += step) {
    const to = Math.min(rows, from + step - 1);
    await run(
      main,
      `insert into items select g, 0, '${note}' from generate_series(${from}, ${to}) g`,
    );
  }
  await run(main, "vacuum analyze items");
  ask(cwd, ["db", "create", "changed"]);
  // What was written is on disk, and no longer in memory alone.
  const branch = ask(cwd, ["db", "url", "--target", "changed"]);
  await run(branch, "select 1");
  return { cwd, main, branch };
}

/** @param {string} cwd */
function diff(cwd) {
  const file = join(folder, "memory");
  const began = performance.now();
  const args = ["db", "diff", "--data", "--json", "--limit", "0", "--target", "changed"];
  const answer = ask(cwd, args, { NODE_OPTIONS: `--import=${writesMemory(file)}` });
  const seconds = (performance.now() - began) / 1000;
  const megabytes = Number(readFileSync(file, "utf8")) / 1024;
  return { seconds, megabytes, found: JSON.parse(answer) };
}

/**
 * @param {string} url
 * @param {string} sql
 */
async function run(url, sql) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/**
 * @param {string} cwd
 * @param {string[]} args
 * @param {Record<string, string>} [more]
 */
function ask(cwd, args, more = {}) {
  return execFileSync(process.execPath, [ds, ...args], {
    cwd,
    env: { ...env, ...more },
    maxBuffer: 64 * 1024 * 1024,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();
}

/** @returns {number[]} */
function noTimes() {
  return [];
}

/** @param {{ tables: { table: string, changed: number }[] }} found */
function itemsOf({ tables }) {
  const items = tables.find(({ table }) => table === "items");
  if (!items) throw new Error("the table is not told");
  return items;
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** @param {string} text */
function print(text) {
  process.stdout.write(`${text}\n`);
}

/**
 * @param {string} title
 * @param {number} ratio of what is allowed
 * @param {string} detail
 */
function report(title, ratio, detail) {
  const verdict = ratio < 1 ? "pass" : "FAIL";
  print(`${verdict}  ${title.padEnd(52)} ${ratio.toFixed(2).padEnd(6)} ${detail}`);
  if (ratio >= 1) process.exitCode = 1;
}

// Side-by-side measurements of what the start-up promises say, as ratios: they hold from one machine
// to the next, times do not. Runs are interleaved, so that a busy moment hits both sides alike.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare } from "../scripts/build.mjs";
import { noOp, twoHundred } from "./migrate.mjs";

const root = join(import.meta.dirname, "..");
const ds = join(root, "cli/bin/ds.js");
const launcher = join(root, "ds");
const rounds = Number(process.env.BENCH_ROUNDS ?? 15);

/** @typedef {{ name: string, args: string[], cwd: string, without?: string[] }} Command */
/** @typedef {{ title: string, ratio: number, limit: number, detail: string }} Finding */

await prepare({ ifStale: true });
const folder = mkdtempSync(join(tmpdir(), "ds-bench-"));
chmodSync(folder, 0o711);
const hidden = /^(DS_|NEON_|PG|DATABASE_URL|DEVSTRIDE_)/;
const kept = Object.entries(process.env).filter(([name]) => !hidden.test(name));
const env = {
  ...Object.fromEntries(kept),
  DS_HOME: join(folder, "home"),
  NO_UPDATE_NOTIFIER: "1",
};
const project = makeProject(join(folder, "project"));

try {
  must(project, [ds, "setup", "--developer", "bench"]);
  const url = answer(project, [ds, "db", "url"]);
  const findings = [
    startUp(ds, "ds"),
    startUp(launcher, "./ds"),
    status(),
    ...noOp({ ds, launcher, project, url, compare }),
    twentieth(),
    await twoHundred({ ds, folder, url, rounds: Math.min(rounds, 5), run, median, ms }),
  ];
  for (const finding of findings) report(finding);
  if (process.env.NODE_EXTRA_CA_CERTS) process.stdout.write("* without NODE_EXTRA_CA_CERTS\n");
  if (findings.some(({ ratio, limit }) => !(ratio < limit))) process.exitCode = 1;
} finally {
  run({ name: "stop", args: [process.execPath, ds, "engine", "stop"], cwd: project });
  rmSync(folder, { recursive: true, force: true });
}

/**
 * @param {string} program
 * @param {string} name
 * @returns {Finding}
 */
function startUp(program, name) {
  const args = program === ds ? [process.execPath, ds, "--help"] : [program, "--help"];
  return compare(
    { name: `${name} --help`, args, cwd: project },
    { name: "node -e 0", args: [process.execPath, "-e", "0"], cwd: project },
    2.5,
  );
}

/** @returns {Finding} */
function status() {
  const args = [process.execPath, ds, "db", "status"];
  return compare(
    { name: "ds db status", args, cwd: project },
    { name: "npx neon --version", args: ["npx", "neon", "--version"], cwd: join(root, "bench") },
    1 / 3,
  );
}

/** @returns {Finding} */
function twentieth() {
  const create = (/** @type {number} */ n) =>
    run({
      name: `ds db create ${n}`,
      args: [process.execPath, ds, "db", "create", `branch-${n}`],
      cwd: project,
    });
  const times = Array.from({ length: 20 }, (_, n) => create(n + 1));
  const [first, last] = [median(times.slice(0, 3)), median(times.slice(-3))];
  const detail = `${ms(last)} / ${ms(first)}`;
  // Three of each are little: a tenth more is within what two equal runs differ by.
  return { title: "ds db create, 18th-20th / 1st-3rd", ratio: last / first, limit: 1.1, detail };
}

/**
 * @param {Command} ours
 * @param {Command} theirs
 * @param {number} limit
 * @returns {Finding}
 */
function compare(ours, theirs, limit) {
  /** @type {number[]} */
  const a = [];
  /** @type {number[]} */
  const b = [];
  run(ours);
  run(theirs);
  for (let round = 0; round < rounds; round += 1) {
    a.push(run(ours));
    b.push(run(theirs));
  }
  const detail = `${ms(median(a))} / ${ms(median(b))}`;
  return { title: `${ours.name} / ${theirs.name}`, ratio: median(a) / median(b), limit, detail };
}

/**
 * Milliseconds until the command has ended, well.
 *
 * @param {Command} command
 */
function run({ name, args, cwd, without = [] }) {
  const [program, ...rest] = args;
  const own = Object.entries(env).filter(([variable]) => !without.includes(variable));
  const startedAt = performance.now();
  const result = spawnSync(String(program), rest, {
    cwd,
    env: Object.fromEntries(own),
    encoding: "utf8",
  });
  const elapsed = performance.now() - startedAt;
  if (result.status !== 0) {
    throw new Error(`${name} ended with ${result.status}:\n${result.stdout}${result.stderr}`);
  }
  return elapsed;
}

/**
 * @param {string} cwd
 * @param {string[]} args
 */
function must(cwd, args) {
  execFileSync(process.execPath, args, { cwd, env, stdio: ["ignore", "ignore", "inherit"] });
}

/**
 * @param {string} cwd
 * @param {string[]} args
 */
function answer(cwd, args) {
  return execFileSync(process.execPath, args, { cwd, env, encoding: "utf8" }).trim();
}

/** @param {Finding} finding */
function report({ title, ratio, limit, detail }) {
  const verdict = ratio < limit ? "pass" : "FAIL";
  const numbers = `${ratio.toFixed(2)} (limit ${limit.toFixed(2)})`;
  process.stdout.write(`${verdict}  ${title.padEnd(36)} ${numbers.padEnd(20)} ${detail}\n`);
}

/** @param {number[]} numbers */
function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** @param {number} milliseconds */
function ms(milliseconds) {
  return `${milliseconds.toFixed(0)} ms`;
}

/**
 * A small customer's project: a Drizzle folder, no configuration.
 *
 * @param {string} path
 */
function makeProject(path) {
  mkdirSync(join(path, "drizzle/meta"), { recursive: true });
  const entry = { idx: 0, version: "7", when: 1_790_000_000_000, tag: "0000_a", breakpoints: true };
  const journal = { version: "7", dialect: "postgresql", entries: [entry] };
  writeFileSync(join(path, "drizzle/meta/_journal.json"), JSON.stringify(journal));
  writeFileSync(join(path, "drizzle/0000_a.sql"), "CREATE TABLE a (id int);\n");
  writeFileSync(join(path, "package.json"), '{ "name": "bench-project", "private": true }\n');
  writeFileSync(join(path, ".gitignore"), ".env\n");
  execFileSync("git", ["init", "--quiet"], { cwd: path });
  return path;
}

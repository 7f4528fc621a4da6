// The audit's explorer with 500 branches of the real engine and 500 stacks: when the first rows are on the
// screen, and how much memory it takes. Branches without an endpoint; on a volume that copies on write
// (TMPDIR) they are made in a minute or two, elsewhere they are copied: some 11 GB.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare } from "../scripts/build.mjs";

const count = Number(process.env.AUDIT_BRANCHES ?? 500);
const rounds = Number(process.env.BENCH_ROUNDS ?? 7);
/** How long the stacks take: the first rows must not wait for them. */
const stacksMs = 1_500;
const limits = { firstRowsMs: 1_000, memoryMb: 150 };

const root = join(import.meta.dirname, "..");
const ds = join(root, "cli/bin/ds.js");
await prepare({ ifStale: true });
const folder = mkdtempSync(join(tmpdir(), "ds-bench-audit-"));
chmodSync(folder, 0o711);
const project = join(folder, "project");
const hidden = /^(DS_|NEON_|PG|DATABASE_URL|DEVSTRIDE_|CI$)/;
const kept = Object.entries(process.env).filter(([name]) => !hidden.test(name));
const env = {
  ...Object.fromEntries(kept),
  DS_HOME: join(folder, "home"),
  PATH: `${makeStacks(join(folder, "bin"))}:${process.env.PATH}`,
  LANG: "C.UTF-8",
  TERM: "xterm-256color",
};

try {
  makeProject();
  run("setup", "--developer", "bench");
  await makeBranches();
  /** @type {{ first: number, cpu: number, all: number, memory: number }[]} */
  const found = [];
  for (let round = 0; round < rounds; round += 1) found.push(await look());
  const first = median(found.map((one) => one.first));
  const memory = Math.max(...found.map((one) => one.memory));
  report("first rows", first, limits.firstRowsMs, "ms");
  report("memory at most", memory, limits.memoryMb, "MB");
  const cpu = median(found.map((one) => one.cpu));
  process.stdout.write(`the command's own work until then: ${cpu.toFixed(0)} ms of a processor\n`);
  const all = median(found.map((one) => one.all));
  process.stdout.write(`all verdicts ${all.toFixed(0)} ms; the stacks alone take ${stacksMs} ms\n`);
} finally {
  run("engine", "stop");
  rmSync(folder, { recursive: true, force: true });
}

/** @param {string[]} args */
function run(...args) {
  return execFileSync(process.execPath, [ds, ...args], {
    cwd: project,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}

function makeProject() {
  mkdirSync(join(project, "drizzle/meta"), { recursive: true });
  mkdirSync(join(project, "infra"));
  writeFileSync(join(project, "infra/Pulumi.yaml"), "name: bench\nruntime: nodejs\n");
  const journal = { version: "7", dialect: "postgresql", entries: [] };
  writeFileSync(join(project, "drizzle/meta/_journal.json"), JSON.stringify(journal));
  writeFileSync(
    join(project, "ds.config.ts"),
    'export default { project: "bench", infra: { folder: "infra" } };\n',
  );
  execFileSync("git", ["init", "--quiet"], { cwd: project });
}

/**
 * A program in the place of `pulumi` that knows of as many stacks.
 *
 * @param {string} bin
 */
function makeStacks(bin) {
  mkdirSync(bin, { recursive: true });
  const stacks = Array.from({ length: count }, (_, n) => ({
    name: `organization/bench/bench-${n}`,
    lastUpdate: "2026-01-01T00:00:00Z",
    resourceCount: 4,
  }));
  const program = `#!/usr/bin/env node
const whoami = process.argv[2] === "whoami";
const text = JSON.stringify(whoami ? { url: "file://${bin}" } : ${JSON.stringify(stacks)});
setTimeout(() => console.log(text), ${stacksMs});
`;
  writeFileSync(join(bin, "pulumi"), program, { mode: 0o755 });
  return bin;
}

async function makeBranches() {
  const { NEON_API_HOST: api, NEON_API_KEY: key } = JSON.parse(run("engine", "env", "--json"));
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const listed = await (await fetch(`${api}/projects`, { headers })).json();
  const id = /** @type {{ projects: { id: string }[] }} */ (listed).projects[0]?.id;
  let next = 0;
  const maker = async () => {
    for (let n = next++; n < count; n = next++) {
      const body = JSON.stringify({ branch: { name: `dev-bench-${n}` } });
      const path = `${api}/projects/${id}/branches`;
      const answer = await fetch(path, { method: "POST", headers, body });
      if (!answer.ok) throw new Error(`branch ${n}: ${answer.status} ${await answer.text()}`);
    }
  };
  await Promise.all([maker(), maker(), maker(), maker()]);
}

/** Opens the explorer in a terminal, waits for its rows and its verdicts, and leaves it. */
async function look() {
  const pidFile = join(folder, "pid");
  const command = `stty cols 200 rows 50; echo $$ > '${pidFile}'; exec '${process.execPath}' '${ds}' db audit`;
  const startedAt = performance.now();
  const terminal = spawn("script", ["--quiet", "--flush", "--command", command, "/dev/null"], {
    cwd: project,
    env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  let text = "";
  /** @type {{ pattern: RegExp, seen: (ms: number) => void }[]} */
  const awaited = [];
  terminal.stdout.on("data", (bytes) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the terminal's own sequences begin with one
    text += String(bytes).replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "");
    for (const { pattern, seen } of awaited) {
      if (pattern.test(text)) seen(performance.now() - startedAt);
    }
  });
  const when = (/** @type {RegExp} */ pattern) =>
    /** @type {Promise<number>} */ (
      new Promise((seen, failed) => {
        awaited.push({ pattern, seen });
        setTimeout(() => failed(new Error(`never shown: ${pattern}\n${text}`)), 30_000).unref();
      })
    );
  const [firstRows, verdicts] = [when(/dev-bench-\d/), when(/✓ stacks/)];
  const first = await firstRows;
  const pid = readFileSync(pidFile, "utf8").trim();
  const cpu = cpuOf(pid);
  const all = await verdicts;
  // Some moving about, as a person would.
  terminal.stdin.write("Gg/99\r");
  await new Promise((wait) => setTimeout(wait, 500));
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const memory = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  terminal.stdin.write("\u0003");
  await new Promise((ended) => terminal.on("close", ended));
  return { first, cpu, all, memory };
}

/**
 * Milliseconds of processor time so far: they do not depend on what else the machine does.
 *
 * @param {string} pid
 */
function cpuOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // In ticks, of which there are a hundred a second wherever Node runs.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** @param {number[]} numbers */
function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/**
 * @param {string} title
 * @param {number} value
 * @param {number} limit
 * @param {string} unit
 */
function report(title, value, limit, unit) {
  const verdict = value < limit ? "pass" : "FAIL";
  process.stdout.write(
    `${verdict}  ${title.padEnd(16)} ${value.toFixed(0)} ${unit} (limit ${limit})\n`,
  );
  if (!(value < limit)) process.exitCode = 1;
}

// What git's hooks of ds cost, and what a set-up costs in each new worktree. Both sides of each pair take turns, so that
// a busy moment hits them alike.
//
//   npm run bench-worktrees
//   BENCH_WORKTREES=20 npm run …   as many worktrees
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare } from "../scripts/build.mjs";

const root = join(import.meta.dirname, "..");
const ds = join(root, "cli/bin/ds.js");
const worktrees = Number(process.env.BENCH_WORKTREES ?? 8);
const commits = 50;

await prepare({ ifStale: true });
const folder = mkdtempSync(join(tmpdir(), "ds-bench-worktrees-"));
chmodSync(folder, 0o711);
const hidden = /^(DS_|NEON_|PG|DATABASE_URL|DEVSTRIDE_|GIT_)/;
const kept = Object.entries(process.env).filter(([name]) => !hidden.test(name));
/** @type {Record<string, string>} */
const env = {
  ...Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
  DS_HOME: join(folder, "home"),
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "x",
  GIT_AUTHOR_EMAIL: "x@example.com",
  GIT_COMMITTER_NAME: "x",
  GIT_COMMITTER_EMAIL: "x@example.com",
};
const repository = join(folder, "repository");

try {
  makeRepository(repository);
  run(repository, process.execPath, [ds, "setup", "--developer", "bench"]);
  run(repository, "git", ["branch", "--force", "other", "HEAD~1"]);
  run(repository, process.execPath, [ds, "git", "install"]);
  const findings = [checkout(), rebase(), bisect(), setUps()];
  for (const { title, value, limit, unit, detail } of findings) {
    const verdict = value <= limit ? "pass" : "FAIL";
    const numbers = `${value.toFixed(unit === "s" ? 2 : 0)} ${unit} (limit ${limit} ${unit})`;
    process.stdout.write(`${verdict}  ${title.padEnd(44)} ${numbers.padEnd(26)} ${detail}\n`);
    if (value > limit) process.exitCode = 1;
  }
} finally {
  spawnSync(process.execPath, [ds, "engine", "stop"], { cwd: folder, env });
  rmSync(folder, { recursive: true, force: true });
}

/** Milliseconds more with hooks: a checkout to and fro between commits with the same migrations. */
function checkout() {
  const [without, with_] = interleaved(20, "main", (git) => {
    git(["switch", "--quiet", "other"]);
    git(["switch", "--quiet", "main"]);
  });
  return finding("a checkout that changes nothing, more", without / 2, with_ / 2);
}

/** The same of a rebase of 50 commits, in all. */
function rebase() {
  const [without, with_] = interleaved(
    9,
    "topic",
    (git) => {
      git(["rebase", "--quiet", "--force-rebase", "--onto", "base", "start"]);
    },
    quickest,
  );
  return finding(`a rebase of ${commits} commits, more in all`, without, with_);
}

function bisect() {
  const [without, with_] = interleaved(
    9,
    "topic",
    (git) => {
      git(["bisect", "start", "topic", "start"]);
      git(["bisect", "run", "sh", "-c", "! grep -q 25 file"]);
      git(["bisect", "reset"]);
    },
    quickest,
  );
  return finding("a bisect, more in all", without, with_);
}

/** Seconds of processor time that `ds setup` takes in a new worktree: of the one in the middle. */
function setUps() {
  /** @type {number[]} */
  const seconds = [];
  /** @type {number[]} */
  const own = [];
  for (let n = 0; n < worktrees; n += 1) {
    const path = join(folder, `tree-${n}`);
    run(repository, "git", ["worktree", "add", "--quiet", "--detach", path]);
    const began = performance.now();
    const script = '"$@" >&2 && times';
    const said = run(path, "sh", ["-c", script, "sh", process.execPath, ds, "setup"]);
    seconds.push((performance.now() - began) / 1000);
    // The second line is of the children: user, and system.
    const used = [...(said.split("\n")[1] ?? "").matchAll(/(\d+)m([\d.]+)s/g)];
    own.push(used.reduce((sum, [, minutes, left]) => sum + Number(minutes) * 60 + Number(left), 0));
  }
  const all = seconds.map((each) => each.toFixed(1)).join(" ");
  return {
    ...{ title: "ds setup in a new worktree, of its own", value: median(own), limit: 3, unit: "s" },
    detail: `${worktrees} worktrees, by the clock: ${all} s`,
  };
}

/**
 * @param {string} title
 * @param {number} without
 * @param {number} with_
 */
function finding(title, without, with_) {
  const detail = `${without.toFixed(0)} ms without hooks, ${with_.toFixed(0)} ms with them`;
  return { title, value: with_ - without, limit: 50, unit: "ms", detail };
}

/**
 * Milliseconds without hooks and with them: of the round in the middle, or of the quickest one where what is measured
 * takes so long that every round meets something else that runs.
 *
 * @param {number} rounds
 * @param {string} from what is checked out before each
 * @param {(git: (args: string[]) => void) => void} work
 * @param {(times: number[]) => number} [of]
 */
function interleaved(rounds, from, work, of = median) {
  /** @type {[number[], number[]]} */
  const times = [[], []];
  for (let round = 0; round <= rounds; round += 1) {
    // In one repository, by turns the one and the other first.
    for (const at of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const settings = at === 0 ? ["-c", "core.hooksPath=/dev/null"] : [];
      run(repository, "git", [
        "-c",
        "core.hooksPath=/dev/null",
        "switch",
        "--quiet",
        "--detach",
        from,
      ]);
      const began = performance.now();
      work((args) => run(repository, "git", [...settings, ...args]));
      // The first round warms up.
      if (round > 0) times[at]?.push(performance.now() - began);
    }
  }
  return /** @type {[number, number]} */ (times.map((each) => of(each)));
}

/** @param {string} path */
function makeRepository(path) {
  mkdirSync(join(path, "drizzle/meta"), { recursive: true });
  const write = (/** @type {string} */ file, /** @type {string} */ text) =>
    writeFileSync(join(path, file), text);
  const entry = { idx: 0, version: "7", when: 1_760_000_000_000, tag: "0000_a", breakpoints: true };
  const journal = { version: "7", dialect: "postgresql", entries: [entry] };
  write("drizzle/meta/_journal.json", JSON.stringify(journal));
  write("drizzle/0000_a.sql", "create table a (n int);");
  write("ds.config.ts", 'export default { project: "bench" };\n');
  write(".gitignore", ".env\n");
  const git = (/** @type {string[]} */ ...args) => run(path, "git", args);
  const commit = (/** @type {string} */ file, /** @type {string} */ text) => {
    write(file, text);
    git("add", ".");
    git("commit", "--quiet", "--message", text);
  };
  git("init", "--quiet", "--initial-branch=main");
  commit("file", "first");
  git("tag", "start");
  commit("other", "base");
  git("tag", "base");
  git("switch", "--quiet", "--detach", "start");
  for (let n = 1; n <= commits; n += 1) commit("file", `change ${n}`);
  git("tag", "topic");
  git("switch", "--quiet", "main");
  commit("other", "last");
}

/**
 * @param {string} cwd
 * @param {string} program
 * @param {string[]} args
 */
function run(cwd, program, args) {
  const stdio = /** @type {["ignore", "pipe", "pipe"]} */ (["ignore", "pipe", "pipe"]);
  return execFileSync(program, args, { cwd, env, stdio, encoding: "utf8" });
}

/** @param {number[]} times */
function quickest(times) {
  return Math.min(...times);
}

/** @param {number[]} numbers */
function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

// `npm test`: everything that must hold before a change is pushed, on a machine with nothing but Node.
//
// Arguments go to Vitest (`npm test -- backend` runs one package's tests).
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { note, root } from "./bootstrap.mjs";
import { prepare } from "./build.mjs";
import { reapLeftovers } from "./leaks.mjs";
import { makeRunFolder } from "./run-folder.mjs";

/** Files that fail in one run; more than that is no accident. */
const mostRepeated = 3;

const run = makeRunFolder();
let interrupted = false;

/** @type {import("node:child_process").ChildProcess | undefined} */
let current;
// A terminal sends Ctrl-C to the tools as well; what is sent to this process alone is passed on.
process.on("SIGINT", () => {
  interrupted = true;
});
for (const signal of /** @type {const} */ (["SIGTERM", "SIGHUP"])) {
  process.on(signal, () => {
    interrupted = true;
    current?.kill(signal);
  });
}

try {
  process.exitCode = await runAll();
} catch (error) {
  note(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  run.remove();
}

async function runAll() {
  await prepare({ ifStale: true });
  const failedChecks = [];
  if (!(await check("tsc", ["-p", "tsconfig.json"]))) failedChecks.push("types");
  if (!(await check("biome", ["check", "."]))) failedChecks.push("lint");
  const first = await runTests(process.argv.slice(2));
  const again = filesToRepeat(first);
  for (const { name } of again) note(`failed, and tried again alone: ${relative(root, name)}`);
  const tests =
    again.length > 0 ? repeated(first, await runTests(again.map((f) => f.name))) : first;
  const leaks = await reapLeftovers(run);
  for (const leak of leaks) note(`left behind: ${leak}`);
  if (leaks.length > 0) failedChecks.push("leftovers");
  for (const name of failedChecks) note(`failed: ${name}`);
  if (again.length > 0 && tests.satisfied) note("all of it passed, but some only when tried again");
  if (interrupted) return 130;

  const { passed, failed, skipped } = countTests(tests);
  process.stdout.write(
    `${passed} passed, ${failed + failedChecks.length} failed, ${skipped} skipped\n`,
  );
  return failed + failedChecks.length === 0 ? 0 : 1;
}

/**
 * Runs one of the workspace's tools and tells whether it was satisfied.
 *
 * @param {string} tool
 * @param {string[]} args
 */
async function check(tool, args) {
  if (interrupted) return false;
  const command = join(root, "node_modules", ".bin", tool);
  current = spawn(command, args, {
    cwd: root,
    env: run.env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [status] = await once(current, "close");
  return status === 0;
}

/**
 * @typedef {{ name: string, status: string, assertionResults: { status: string }[] }} FileResult
 * @typedef {{ satisfied: boolean, strayErrors: number, files: FileResult[] }} Tests
 * `satisfied` is Vitest's own verdict; stray errors are those that no test has caught.
 */

/**
 * @param {string[]} args
 * @returns {Promise<Tests>}
 */
async function runTests(args) {
  const report = join(run.path, "report.json");
  rmSync(report, { force: true });
  const reporters = ["default", "./scripts/stray-errors.mjs", "json"];
  const options = [...reporters.map((name) => `--reporter=${name}`), `--outputFile.json=${report}`];
  const satisfied = await check("vitest", ["run", ...options, ...args]);
  const strayErrors = Number(readWhole(join(run.path, "stray-errors")) ?? 1);
  return { satisfied, strayErrors, files: readReport(report) };
}

/**
 * Real servers on a shared machine: in CI a few files may try once more. Whole files, as the tests of
 * one go on with what the others have left; and only here, where the first failure stays to be read.
 *
 * @param {Tests} tests
 */
function filesToRepeat({ strayErrors, files }) {
  const failed = files.filter(({ status }) => status === "failed");
  // Nobody knows which file a stray error belongs to.
  const isWorthIt = strayErrors === 0 && failed.length <= mostRepeated;
  return process.env.CI && !interrupted && isWorthIt ? failed : [];
}

/**
 * @param {Tests} first
 * @param {Tests} second of the files that failed in the first
 * @returns {Tests}
 */
function repeated(first, second) {
  const passed = first.files.filter(({ status }) => status !== "failed");
  return { ...second, files: [...passed, ...second.files] };
}

/**
 * A file that could not even be loaded, or whose hooks failed, counts as one failed test; so does a
 * run that failed for another reason (an unhandled rejection), or left no report.
 *
 * @param {Tests} tests
 */
function countTests({ satisfied, files }) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of files) {
    const failedBefore = counts.failed;
    for (const { status } of file.assertionResults) {
      if (status === "passed") counts.passed += 1;
      else if (status === "failed") counts.failed += 1;
      else counts.skipped += 1;
    }
    if (file.status === "failed" && counts.failed === failedBefore) counts.failed += 1;
  }
  if (!satisfied && counts.failed === 0) counts.failed = 1;
  return counts;
}

/**
 * @param {string} path
 * @returns {FileResult[]}
 */
function readReport(path) {
  try {
    return JSON.parse(readWhole(path) ?? "").testResults;
  } catch {
    return [];
  }
}

/** @param {string} path */
function readWhole(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

// `npm test`: everything that must hold before a change is pushed, on a machine with nothing but Node.
//
// Arguments go to Vitest (`npm test -- backend` runs one package's tests).
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { note, root } from "./bootstrap.mjs";
import { prepare } from "./build.mjs";
import { reapLeftovers } from "./leaks.mjs";
import { makeRunFolder } from "./run-folder.mjs";

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
  const report = join(run.path, "report.json");
  const failedChecks = [];
  if (!(await check("tsc", ["-p", "tsconfig.json"]))) failedChecks.push("types");
  if (!(await check("biome", ["check", "."]))) failedChecks.push("lint");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const tests = await check("vitest", ["run", ...reporters, ...process.argv.slice(2)]);
  const leaks = await reapLeftovers(run);
  for (const leak of leaks) note(`left behind: ${leak}`);
  if (leaks.length > 0) failedChecks.push("leftovers");
  for (const name of failedChecks) note(`failed: ${name}`);
  if (interrupted) return 130;

  const { passed, failed, skipped } = countTests(report, tests);
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
 * A file that could not even be loaded, or whose hooks failed, counts as one failed test; so does a
 * run that failed for another reason (an unhandled rejection), or left no report.
 *
 * @param {string} report
 * @param {boolean} satisfied Vitest's own exit status
 */
function countTests(report, satisfied) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of readReport(report)) {
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
 * @returns {{ status: string, assertionResults: { status: string }[] }[]}
 */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).testResults;
  } catch {
    return [];
  }
}

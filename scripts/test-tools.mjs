// `npm run test-tools`: the tests that need a program which not every machine has, with all that this machine has; what is
// missing and can be installed is installed before. The other tests are those of `npm test`.
//
// Arguments go to Vitest; without any, the files that ask for something are run.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./bootstrap.mjs";
import { prepare } from "./build.mjs";
import { TestRun } from "./test-run.mjs";

const run = new TestRun({ withTools: true });
process.exitCode = await run.perform(async () => {
  await prepare({ ifStale: true });
  spawnSync(process.execPath, [join(root, "scripts", "tools.mjs")], { stdio: "inherit" });
  const args = process.argv.slice(2);
  return run.test("tools: ", args.length > 0 ? args : filesThatAsk());
});

/** By what they import: loading all others to find nothing in them takes as long as a part of the tests. */
function filesThatAsk() {
  const members = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return members.flatMap(({ name }) =>
    testFilesBelow(join(root, name)).filter((file) =>
      /from ".*\/test-support\/needs\.ts"/.test(readFileSync(file, "utf8")),
    ),
  );
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function testFilesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : testFilesBelow(path);
    return entry.name.endsWith(".test.ts") ? [path] : [];
  });
}

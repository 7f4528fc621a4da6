// `npm test`: everything that must hold before a change is pushed. It is the same on every machine: of programs it uses what
// every system has, Node, npm and git; the tests that need more are those of `npm run test-tools`.
//
// Arguments go to Vitest (`npm test -- backend` runs one package's tests).
import { prepare } from "./build.mjs";
import { TestRun } from "./test-run.mjs";

const run = new TestRun({ withTools: false });
process.exitCode = await run.perform(async () => {
  await prepare({ ifStale: true });
  await run.check("types", "tsc", ["-p", "tsconfig.json"]);
  await run.check("lint", "biome", ["check", "."]);
  await run.check("unused", "knip", []);
  return run.test("", process.argv.slice(2));
});

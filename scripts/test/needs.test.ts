import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../bootstrap.mjs";
import { runFixture } from "../test-support/run-fixture.ts";
import { TemporaryFolder } from "../test-support/temporary-folder.ts";

const folder = new TemporaryFolder("needs-");
beforeAll(() => {
  folder.make();
});
afterAll(() => folder.remove());

/** Each test's name and status, those of the tools alone, and whose bodies have run. */
async function run(env: NodeJS.ProcessEnv, ...args: string[]) {
  const marks = join(folder.path, "marks");
  writeFileSync(marks, "");
  const { status, tests } = await runFixture("needs", { TEST_MARKS: marks, ...env }, ...args);
  return {
    status,
    tests: Object.fromEntries(tests.map((one) => [one.fullName.trim(), one.status])),
    tagged: tests.filter(({ tags }) => tags.includes("tools")).map((one) => one.status),
    marks: readFileSync(marks, "utf8").trim().split("\n"),
  };
}

describe("a need", () => {
  test("that is missing: one skipped test that names it, and no body has run", async () => {
    const { status, tests, marks } = await run({});
    expect(status).toBe(0);
    expect(tests).toEqual({
      "a suite: needs a unicorn": "skipped",
      "another suite in it": "passed",
      "within a suite a test: needs a unicorn": "skipped",
      "within a suite another test": "passed",
      "a suite with a tool: needs sh (npm run test-tools)": "skipped",
      "a test with a tool: needs no-such-program (npm run test-tools)": "skipped",
      "an ordinary test": "passed",
    });
    expect(marks).toEqual(["Lotte", "legs", "ordinary"]);
  });

  test("for a tool: met where tools are asked for, and then the only tests", async () => {
    const { status, tests, tagged, marks } = await run({ TEST_TOOLS: "1" }, "--tags-filter=tools");
    expect(status).toBe(0);
    expect(tests).toMatchObject({
      "a suite with a tool in it": "passed",
      "a test with a tool: needs no-such-program": "skipped",
      "an ordinary test": "skipped",
    });
    expect(tagged).toEqual(["passed", "skipped"]);
    expect(marks).toEqual(["sh"]);
  });

  test("is asked for in this way alone", () => {
    const list = ["ls-files", "--cached", "--others", "--exclude-standard", "*.test.ts"];
    const { stdout } = spawnSync("git", list, { cwd: root, encoding: "utf8" });
    const files = stdout
      .trim()
      .split("\n")
      .map((file) => join(root, file));
    const skips = (file: string) => /\b(skip|run)If\(/.test(readFileSync(file, "utf8"));
    expect(files.filter((file) => existsSync(file) && skips(file))).toEqual([]);
    expect(files.length).toBeGreaterThan(100);
  });
});

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../bootstrap.mjs";
import { TemporaryFolder } from "../test-support/temporary-folder.ts";

const folder = new TemporaryFolder("needs-");
beforeAll(() => {
  folder.make();
});
afterAll(() => folder.remove());

interface Report {
  testResults: { assertionResults: { fullName: string; status: string; tags: string[] }[] }[];
}

/** Runs the fixture; gives each test's name and status, and whose bodies have run. */
async function runFixture(env: NodeJS.ProcessEnv, ...args: string[]) {
  const marks = join(folder.path, "marks");
  writeFileSync(marks, "");
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const config = join(root, "scripts/test/fixtures/vitest.config.ts");
  const child = spawn(
    process.execPath,
    [vitest, "run", "--config", config, "--reporter=json", ...args],
    {
      cwd: root,
      env: { ...process.env, TEST_TOOLS: undefined, TEST_MARKS: marks, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const [output, [status]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  const { testResults } = JSON.parse(output) as Report;
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  return {
    status,
    tests: Object.fromEntries(tests.map((one) => [one.fullName.trim(), one.status])),
    tagged: tests.filter(({ tags }) => tags.includes("tools")).map(({ status }) => status),
    marks: readFileSync(marks, "utf8").trim().split("\n"),
  };
}

// Vitest within Vitest: on a busy machine it starts slowly.
describe("a need", { timeout: 240_000 }, () => {
  test("that is missing: one skipped test that names it, and no body has run", async () => {
    const { status, tests, marks } = await runFixture({});
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
    const run = await runFixture({ TEST_TOOLS: "1" }, "--tags-filter=tools");
    expect(run.status).toBe(0);
    expect(run.tests).toMatchObject({
      "a suite with a tool in it": "passed",
      "a test with a tool: needs no-such-program": "skipped",
      "an ordinary test": "skipped",
    });
    expect(run.tagged).toEqual(["passed", "skipped"]);
    expect(run.marks).toEqual(["sh"]);
  });

  test("is asked for in this way alone", () => {
    const list = ["ls-files", "--cached", "--others", "--exclude-standard", "*.test.ts"];
    const { stdout } = spawnSync("git", list, { cwd: root, encoding: "utf8" });
    const files = stdout
      .trim()
      .split("\n")
      .map((file) => join(root, file));
    const others = files.filter(
      (file) => existsSync(file) && /\b(skip|run)If\(/.test(readFileSync(file, "utf8")),
    );
    expect(others).toEqual([]);
    expect(files.length).toBeGreaterThan(100);
  });
});

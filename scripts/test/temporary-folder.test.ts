import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runFixture } from "../test-support/run-fixture.ts";
import { TemporaryFolder } from "../test-support/temporary-folder.ts";

test("has a name, and is not there before it is asked for", async () => {
  const folder = new TemporaryFolder("named-");
  expect(existsSync(folder.path)).toBe(false);
  await folder.remove();
  folder.make();
  writeFileSync(join(folder.make(), "file"), "");
  await folder.remove();
  expect(existsSync(folder.path)).toBe(false);
});

test("goes for good, also when a command makes it again at its own end", async () => {
  const folder = new TemporaryFolder("late-");
  folder.make();
  const script = `process.on("exit", () => fs.mkdirSync(process.argv[1] + "/home", { recursive: true }));
    setTimeout(() => {}, 500)`;
  spawn(process.execPath, ["-e", script, folder.path], { stdio: "ignore" });
  await folder.remove();
  expect(existsSync(folder.path)).toBe(false);
});

test("cannot be made while a file is loaded: no hook would remove it when none of its tests runs", async () => {
  const { status, complaint } = await runFixture("loading", {});
  expect(status).toBe(1);
  expect(complaint).toContain("is made while tests are loaded");
});

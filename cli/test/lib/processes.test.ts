import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { linux, testWith } from "../../../scripts/test-support/needs.ts";
import { isProcessRunning, processStartTime } from "../../src/lib/io/processes.ts";

test("a process runs until it has ended", () => {
  expect(isProcessRunning(process.pid)).toBe(true);
  expect(isProcessRunning(spawnSync(process.execPath, ["-e", "0"]).pid)).toBe(false);
});

test("what is no process's number names none that runs", () => {
  expect(isProcessRunning(Number.NaN)).toBe(false);
});

testWith(linux, "somebody else's process runs, too", () => {
  expect(isProcessRunning(1)).toBe(true);
});

testWith(
  linux,
  "one that has ended, and that its parent does not collect, does not run",
  async () => {
    // The shell becomes a program that never asks after its child.
    const parent = spawn("sh", ["-c", "sh -c 'echo $$' & exec sleep 60"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const pid = Number(String((await once(parent.stdout, "data"))[0]).trim());
      await expect.poll(() => isProcessRunning(pid)).toBe(false);
      expect(processStartTime(pid)).toMatch(/^\d+$/);
    } finally {
      parent.kill();
    }
  },
);

testWith(linux, "a process keeps its start time, and no other has it with the same number", () => {
  expect(processStartTime(process.pid)).toBe(processStartTime(process.pid));
  expect(processStartTime(process.pid)).not.toBe(processStartTime(1));
  expect(processStartTime(spawnSync(process.execPath, ["-e", "0"]).pid)).toBeUndefined();
});

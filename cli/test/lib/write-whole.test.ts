import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeFileAtomic } from "../../src/lib/io/write-file-atomic.ts";
import { scratchFolder } from "../helpers/scratch.ts";

let scratch: ReturnType<typeof scratchFolder>;
beforeEach(() => {
  scratch = scratchFolder();
});
afterEach(() => scratch.remove());

const dead = spawnSync(process.execPath, ["-e", ""]).pid;
const leave = (name: string, ageMs: number) => {
  const file = join(scratch.path, name);
  writeFileSync(file, "half of");
  const then = (Date.now() - ageMs) / 1000;
  utimesSync(file, then, then);
};

test("nobody else may read it", async () => {
  const file = join(scratch.path, ".env");
  await writeFileAtomic(file, "PASSWORD=x\n");
  expect(readFileSync(file, "utf8")).toBe("PASSWORD=x\n");
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("what a writer that was killed has left of the file goes with the next write, and nothing else", async () => {
  leave(`.env.${dead}-0123abcd.tmp`, 60_000);
  const others = [
    `.env.${process.ppid}-0123abcd.tmp`,
    `.env.local.${dead}-0123abcd.tmp`,
    `.env.${dead}-mine.tmp`,
    ".env.tmp",
  ];
  for (const name of others) leave(name, 60_000);
  leave(`.env.${dead}-ffffffff.tmp`, 0);
  await writeFileAtomic(join(scratch.path, ".env"), "whole");
  expect(readdirSync(scratch.path).sort()).toEqual(
    [".env", `.env.${dead}-ffffffff.tmp`, ...others].sort(),
  );
});

test("a write that fails leaves the file as it was, and nothing beside it", async () => {
  const folder = join(scratch.path, "x");
  await expect(writeFileAtomic(join(folder, "y"), "z")).rejects.toMatchObject({ code: "ENOENT" });
  expect(readdirSync(scratch.path)).toEqual([]);
});

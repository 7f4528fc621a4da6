import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { linux, testWith } from "../../../scripts/test-support/needs.ts";
import { homeFolder } from "../../src/runtime/io/home-folder.ts";
import { scratchFolder } from "../helpers/scratch.ts";

let scratch: ReturnType<typeof scratchFolder>;
beforeEach(() => {
  scratch = scratchFolder();
});
afterEach(() => scratch.remove());

test("it is made with all above it, private, and found again", async () => {
  const home = join(scratch.path, "not", "there", "home");
  for (const _ of [1, 2]) {
    const folder = await homeFolder(home, "cache", "code");
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  }
});

test("a file in its place is refused", async () => {
  writeFileSync(join(scratch.path, "file"), "");
  for (const home of ["file", "file/home"]) {
    await expect(homeFolder(join(scratch.path, home))).rejects.toMatchObject({
      code: "PREREQUISITE_MISSING",
    });
  }
});

testWith(linux, "below /proc, where the system takes no folders: refused at once", async () => {
  await expect(homeFolder("/proc/ds-home/deep")).rejects.toMatchObject({
    code: "PREREQUISITE_MISSING",
  });
});

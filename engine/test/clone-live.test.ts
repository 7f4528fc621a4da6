import { mkdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Cloner } from "../src/storage/io/clone.ts";
import { makeFolder } from "./support/folder.ts";

/** Under a copy of a live data directory tables are truncated, and databases dropped. */

const mebibyte = 1024 * 1024;
const cloner = new Cloner("copy", undefined);
let folder: string;

beforeEach(() => {
  folder = makeFolder();
});

afterEach(async () => {
  await cloner.close();
  await rm(folder, { recursive: true, force: true });
});

test("files that shrink, grow and vanish: the copy ends, and has the others whole", async () => {
  const from = join(folder, "from");
  const still = Buffer.alloc(5 * mebibyte + 123, "still");
  const names = (prefix: string) => [1, 2, 3, 4].map((n) => join("base", `${prefix}${n}`));
  for (let round = 0; round < 5; round++) {
    const to = join(folder, `to${round}`);
    await mkdir(join(from, "base", "dropped"), { recursive: true });
    for (const name of names("dropped/")) await writeFile(join(from, name), still);
    for (const name of names("busy"))
      await writeFile(join(from, name), Buffer.alloc(64 * mebibyte));
    for (const name of [...names("still"), "last"]) await writeFile(join(from, name), still);
    await writeFile(join(from, "empty"), "");

    const copied = cloner.clone(from, to, { sourceIsLive: true });
    for (const name of names("busy")) {
      await truncate(join(from, name), 0);
      await truncate(join(from, name), mebibyte + round);
    }
    await rm(join(from, "base", "dropped"), { recursive: true });
    await copied;
    for (const name of [...names("still"), "last"]) {
      expect(still.equals(await readFile(join(to, name)))).toBe(true);
    }
    expect(await readFile(join(to, "empty"), "utf8")).toBe("");
    await rm(from, { recursive: true });
    await rm(to, { recursive: true });
  }
});

import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readRegularFile } from "../../src/lib/io/regular-file.ts";
import { ds } from "../helpers/command.ts";
import { withScratchFolder } from "../helpers/scratch.ts";

const scratch = withScratchFolder();
let made = 0;
/** A new folder, with the place of a file in it. */
function place(file = "file"): string {
  const folder = join(scratch.path, String(++made));
  mkdirSync(folder);
  return join(folder, file);
}

const fifo = (path: string) => execFileSync("mkfifo", [path]);
const kinds: [string, (path: string) => void][] = [
  ["a named pipe", fifo],
  ["a folder", (path) => mkdirSync(path)],
  ["a device", (path) => symlinkSync("/dev/zero", path)],
  ["a link to a file that is not there", (path) => symlinkSync("nowhere", path)],
  ["a link that leads in a circle", (path) => symlinkSync("file", path)],
];

describe("readRegularFile", () => {
  test("a file, a link to one, and none", () => {
    const path = place();
    expect(readRegularFile(path)).toBeUndefined();
    expect(readRegularFile(join(path, "below"))).toBeUndefined();
    writeFileSync(path, "text");
    expect(readRegularFile(path)?.toString()).toBe("text");
    expect(readRegularFile(join(path, "below"))).toBeUndefined();
    symlinkSync(path, `${path}-link`);
    expect(readRegularFile(`${path}-link`)?.toString()).toBe("text");
  });

  test.each(kinds)("%s is refused", (kind, make) => {
    const path = place();
    make(path);
    expect(() => readRegularFile(path)).toThrow(
      expect.objectContaining({ reason: "NOT_A_REGULAR_FILE", details: { path, kind } }),
    );
  });

  test("a socket is refused", async () => {
    const path = place();
    const server = createServer().listen(path);
    await new Promise((listening) => server.once("listening", listening));
    expect(() => readRegularFile(path)).toThrow(
      expect.objectContaining({ details: { path, kind: "a socket" } }),
    );
    await new Promise((closed) => server.close(closed));
  });
});

describe("a named pipe in the place of what ds reads by its name: refused, and nothing waits", () => {
  const config = `export default { project: "x" };`;
  test.each<[string, string[], Record<string, string>]>([
    ["ds.config.ts", ["db", "url"], {}],
    [".env", ["db", "url"], { "ds.config.ts": config }],
    [".env", ["setup"], { "ds.config.ts": config, "drizzle/meta/_journal.json": "{}" }],
    ["drizzle.config.ts", ["db", "url"], {}],
    ["drizzle.config.json", ["db", "url"], {}],
    [".env", ["db", "url"], { "drizzle.config.ts": "export default {}" }],
    ["package.json", ["db", "url"], { "drizzle/meta/_journal.json": "{}" }],
    ["package.json", ["db", "generate"], { "ds.config.ts": config }],
    ["drizzle/meta/_journal.json", ["setup"], { "ds.config.ts": config }],
    ["drizzle/0000_x.sql", ["setup"], { "ds.config.ts": config }],
    ["drizzle/20250101000000_x/migration.sql", ["setup"], { "ds.config.ts": config }],
  ])("%s, for ds %j", async (file, args, others) => {
    const at = place(".");
    for (const [name, text] of Object.entries(others)) {
      mkdirSync(join(at, name, ".."), { recursive: true });
      writeFileSync(join(at, name), text);
    }
    mkdirSync(join(at, file, ".."), { recursive: true });
    mkdirSync(join(at, ".git"), { recursive: true });
    fifo(join(at, file));
    const env = { DS_HOME: join(at, "home"), DS_DEVELOPER: "phil" };
    const { status, stdout } = await ds(at, [...args, "--json"], env);
    expect({ status, ...JSON.parse(stdout).error }).toMatchObject({
      status: 3,
      reason: "NOT_A_REGULAR_FILE",
    });
  });
});

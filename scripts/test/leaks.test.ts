import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { reapLeftovers } from "../leaks.mjs";
import { makeRunFolder, type RunFolder } from "../run-folder.mjs";

let run: RunFolder;
beforeEach(() => {
  run = makeRunFolder({ withTools: false });
});
afterEach(() => run.remove());

const tmp = (name: string) => join(run.path, "tmp", name);

/** A command that is at work in a folder. */
const working = (script: string, folder: string) =>
  spawn(process.execPath, ["-e", script, folder], { stdio: "ignore" });

test("a run that has cleaned up has left nothing", async () => {
  expect(await reapLeftovers(run)).toEqual([]);
});

test("files that are left are named, with what is in them", async () => {
  mkdirSync(tmp("ds-test-one/project"), { recursive: true });
  writeFileSync(tmp("two"), "");
  writeFileSync(join(run.path, "elsewhere"), "");
  expect((await reapLeftovers(run)).sort()).toEqual([
    `file ${join(run.path, "elsewhere")}`,
    `file ${tmp("ds-test-one")} (project)`,
    `file ${tmp("two")}`,
  ]);
});

test("a command that ends late and tidies up is waited for", async () => {
  const folder = tmp("late");
  mkdirSync(folder);
  const script = "setTimeout(() => fs.rmSync(process.argv[1], { recursive: true }), 500)";
  const child = working(script, folder);
  expect(await reapLeftovers(run)).toEqual([]);
  expect(child.exitCode ?? (await once(child, "exit"))[0]).toBe(0);
});

test("one that does not end is named and ended", async () => {
  const child = working("setInterval(() => {}, 1000)", tmp("forever"));
  const ended = once(child, "exit");
  const [found, ...more] = await reapLeftovers(run, 100);
  expect(found).toContain(`process ${child.pid}: `);
  expect(more).toEqual([]);
  expect(await ended).toEqual([null, "SIGKILL"]);
});

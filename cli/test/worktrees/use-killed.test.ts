import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { limits } from "../../../scripts/test-support/limits.ts";
import { WorktreeProject } from "./helpers/worktree-project.ts";

// kill -9 of `ds db use` before each of its writes: the checkout is pointed where it was, or where it was to be.

const project = new WorktreeProject();
const { at, json, setUp } = project;

/** Ends the process, as if killed, before its nth change of a file that the command is about; notes how many there were. */
const killer = (killAt: number | undefined) => `
  import fs from "node:fs/promises";
  import { syncBuiltinESMExports } from "node:module";
  import { writeFileSync } from "node:fs";
  let changes = 0;
  for (const name of ["open", "rename", "appendFile", "writeFile"]) {
    const real = fs[name];
    fs[name] = async (path, ...rest) => {
      if (/user\\.json|\\.env\\b|\\.gitignore$/.test(String(path)) && (name !== "open" || /[wa]/.test(String(rest[0])))) {
        if (changes === ${killAt}) process.kill(process.pid, "SIGKILL");
        changes += 1;
        writeFileSync(${JSON.stringify(at("count"))}, String(changes));
      }
      return real(path, ...rest);
    };
  }
  syncBuiltinESMExports();`;

beforeAll(async () => {
  project.make();
  await project.startEngine();
  await setUp("shop", "--developer", "phil");
  for (const name of ["once", "twice"]) await json("shop", ["db", "create", name]);
}, limits.longTest);
afterAll(() => project.remove());

function use(killAt?: number) {
  writeFileSync(at("killer.mjs"), killer(killAt));
  const preload = { NODE_OPTIONS: `--import ${at("killer.mjs")}` };
  return project.run("shop", ["db", "use", "twice"], preload);
}
const env = () => readFileSync(at("shop", ".env"), "utf8");
/** Where `-` leads, without going there for good. */
const back = async () => (await json("shop", ["db", "use", "-"])).stage;

test(
  "killed at each step: env file and stage are before or after, and - leads back from there",
  async () => {
    const own = env();
    const start = async () => {
      for (const name of ["once", "phil-local"]) await json("shop", ["db", "use", name]);
      // So that there is a step more: git has to be told of the env file again.
      writeFileSync(at("shop", ".gitignore"), "");
      expect(env()).toBe(own);
    };
    await start();
    expect((await use()).status).toBe(0);
    const after = env();
    expect(after).not.toBe(own);
    const steps = Number(readFileSync(at("count"), "utf8"));
    expect(steps).toBeGreaterThan(4);
    const seen = new Set<string>();
    for (let step = 0; step < steps; step += 1) {
      await start();
      expect((await use(step)).status, `before change ${step}`).not.toBe(0);
      const now = env();
      expect([own, after], `before change ${step}`).toContain(now);
      const isAfter = now === after;
      seen.add(isAfter ? "after" : "before");
      expect(await json("shop", ["db", "status"])).toMatchObject({
        stage: isAfter ? "twice" : "phil-local",
        envFile: { pointsHere: true },
      });
      expect(await back(), `before change ${step}`).toBe(isAfter ? "phil-local" : "once");
      // And once more it goes through.
      expect(await json("shop", ["db", "use", "twice"])).toMatchObject({ stage: "twice" });
      expect(env()).toBe(after);
    }
    expect([...seen].sort()).toEqual(["after", "before"]);
  },
  limits.longTest,
);

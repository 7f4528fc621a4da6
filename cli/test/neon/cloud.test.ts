import { parseEnv } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { limits } from "../../../scripts/test-support/limits.ts";
import { DsProject } from "../helpers/ds-project.ts";
import { EngineBehind } from "../stand-ins/cloud/engine-behind.ts";
import { Life } from "../stand-ins/cloud/life.ts";

// Neon's cloud as it is: every command of a project's life through an API that is as strict, and as unreliable. The same
// faults come at the same requests for the same seed.

const runs = Number(process.env.TEST_CLOUD_RUNS ?? 1);
const firstSeed = Number(process.env.TEST_CLOUD_SEED ?? 1);
const atOnce = Number(process.env.TEST_CLOUD_AT_ONCE ?? 1);
const project = new DsProject(`{ project: "engine" }`);
let engine: EngineBehind;

beforeAll(async () => {
  const { status, stdout, stderr } = await project.run(["engine", "env"]);
  expect(status, stderr).toBe(0);
  const { NEON_API_HOST = "", NEON_API_KEY = "" } = parseEnv(stdout.replaceAll("export ", ""));
  engine = new EngineBehind(NEON_API_HOST, NEON_API_KEY);
});
afterAll(() => project.remove());

test(`${runs} lives of a project: nothing wrong, nothing untrue, nothing left`, {
  timeout: runs > 1 ? limits.longTest * 4 : limits.test,
}, async () => {
  const seeds = Array.from({ length: runs }, (_, n) => firstSeed + n);
  const sum = { lives: 0, commands: 0, faults: {} as Record<string, number> };
  const bad: string[] = [];
  const one = async () => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      const life = await Life.start(engine, { seed });
      const { commands, faults, wrong, untrue, left } = await life.live();
      sum.lives += 1;
      sum.commands += commands;
      for (const [name, n] of Object.entries(faults))
        sum.faults[name] = (sum.faults[name] ?? 0) + n;
      for (const [kind, texts] of Object.entries({ wrong, untrue, left })) {
        const found = texts.map((text) => `seed ${seed}, ${kind}: ${text}`);
        bad.push(...found);
        for (const text of found) console.log(text);
      }
      if (runs > 1) console.log(JSON.stringify({ ...sum, bad: bad.length, seed }));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  expect(bad).toEqual([]);
  expect(sum.lives).toBe(runs);
  expect(Object.values(sum.faults).reduce((all, n) => all + n, 0)).toBeGreaterThan(runs);
});

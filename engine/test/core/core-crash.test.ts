import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mountXfs, type Volume, xfs } from "../../../e2e/support/volume.ts";
import { Daemon } from "../../../scripts/test-support/daemon.ts";
import { limits } from "../../../scripts/test-support/limits.ts";
import { anywhere, describeWith, longRun } from "../../../scripts/test-support/needs.ts";
import { sql, TestProject } from "../support/branches.ts";
import { Dice } from "../support/dice.ts";
import { makeFolder } from "../support/folder.ts";
import { frozenBelow, postgresOf } from "../support/postgres-processes.ts";
import { Tenant } from "../support/tenant.ts";

/**
 * SIGKILL of the engine at random moments of everything it does, again and again in one home.
 * DS_LONG=1 kills it 150 times on each kind of volume; DS_SEED repeats a run (up to the operating system's own timing).
 */
const kills = Number(process.env.DS_KILLS ?? (longRun.find() ? 150 : 3));
const seed = Number(process.env.DS_SEED ?? Math.floor(Math.random() * 1e9));

const ways = [
  { volume: "a plain folder", need: anywhere, mount: undefined, longCopy: undefined },
  { volume: "a plain folder, in the background", need: anywhere, mount: undefined, longCopy: "0" },
  // Where a copy is made of a frozen server; only root can make such a volume.
  { volume: "a volume with reflinks", need: xfs, mount: mountXfs, longCopy: undefined },
];

for (const { volume: where, need, mount, longCopy } of ways) {
  describeWith(need, `on ${where}`, () => {
    let folder: string;
    let volume: Volume | undefined;
    let home: string;
    let engine: Daemon;
    let project: TestProject;

    beforeAll(async () => {
      if (longCopy) process.env.DS_LONG_COPY = longCopy;
      folder = makeFolder();
      volume = mount?.(join(folder, "xfs"), 8 * 1024 ** 3);
      home = join(volume?.path ?? folder, "home");
      engine = await Daemon.start(home);
      project = await TestProject.create(engine);
      await sql(project.main.uri, "create table marks (text text)");
      await sql(project.main.uri, "insert into marks values ('main')");
    });

    afterAll(async () => {
      delete process.env.DS_LONG_COPY;
      await engine?.stop();
      expect(postgresOf(home)).toEqual([]);
      // What it said is kept for who started it in the background, too.
      expect(readFileSync(join(home, "engine.log"), "utf8").trimEnd()).toMatch(/stopped$/);
      volume?.unmount();
      rmSync(folder, { recursive: true });
    });

    async function restart(): Promise<void> {
      engine = await Daemon.start(home);
      project = new TestProject(engine, project.id, project.main);
    }

    const listed = (...path: string[]) => readdirSync(join(home, ...path));

    test(`${kills} kills: everything is as before or after, and nothing is left over (seed ${seed})`, {
      timeout: limits.longTest,
    }, async () => {
      const dice = new Dice(seed);
      const tenants = ["a", "b"].map(
        (prefix) =>
          new Tenant(
            `${prefix}-`,
            new Dice(dice.below(2 ** 31)),
            () => engine,
            () => project,
          ),
      );
      const started: number[] = [];
      let frozen = 0;
      const round = async (at: string) => {
        let isKilled = false;
        const working = Promise.all(tenants.map((tenant) => tenant.work(() => isKilled)));
        // Waits for nothing: some moment of their work.
        await Promise.race([sleep(20 + dice.below(3000)), working]);
        isKilled = true;
        frozen += postgresOf(home).some(({ isFrozen }) => isFrozen) ? 1 : 0;
        await engine.kill();
        await working;
        const from = Date.now();
        await restart();
        started.push(Date.now() - from);

        expect(postgresOf(home), at).toEqual([]);
        for (const tenant of tenants) expect(await tenant.contradictions(), at).toEqual([]);
        const main = await sql(project.main.uri, "select text from marks");
        expect(main, at).toEqual([{ text: "main" }]);

        const branches = await project.list();
        const ids = new Set(branches.map(({ id }) => id));
        expect(new Set(branches.map(({ name }) => name)).size, at).toBe(branches.length);
        expect(branches.filter((branch) => branch.default).length, at).toBe(1);
        const orphans = branches.filter(({ parent_id }) => parent_id && !ids.has(parent_id));
        expect(orphans, at).toEqual([]);
        await expect
          .poll(() => listed("data", "pgdata").length, { message: at })
          .toBe(branches.length);
        await expect.poll(() => listed("data", "trash"), { message: at }).toEqual([]);
        // Every step knows what is its own: nothing has to be set aside.
        expect(listed("data", "quarantine"), at).toEqual([]);
        expect(
          listed("catalog").filter((name) => name.includes(".")),
          at,
        ).toEqual([]);
        const running = postgresOf(home).map(({ dataDir }) => dataDir);
        expect(
          running.filter((dataDir) => !listed("data", "pgdata").includes(dataDir)),
          at,
        ).toEqual([]);
        expect(frozenBelow(postgresOf(home).map(({ pid }) => pid)), at).toEqual([]);
      };
      for (let n = 1; n <= kills; n += 1) {
        const at = `kill ${n}, seed ${seed}`;
        await round(at).catch((error: Error) => {
          throw new Error(`${at}: ${error.message}\n${engine.log.slice(-2000)}`, { cause: error });
        });
      }
      started.sort((a, b) => a - b);
      const done: Record<string, number> = {};
      for (const [what, count] of tenants.flatMap((tenant) => Object.entries(tenant.done))) {
        done[what] = (done[what] ?? 0) + count;
      }
      console.log(
        `${where}: ${kills} kills, ${frozen} with a frozen server; start after a kill: median ${started[kills >> 1]} ms`,
        done,
      );
    });
  });
}

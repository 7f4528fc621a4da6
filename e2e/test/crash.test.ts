import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endProcess } from "../../scripts/processes.mjs";
import { limits } from "../../scripts/test-support/limits.ts";
import { Api } from "../support/api.ts";
import type { Checkout } from "../support/checkout.ts";
import { query } from "../support/database.ts";
import { mark, marks } from "../support/marks.ts";
import { Sandbox } from "../support/sandbox.ts";
import type { Status } from "../support/status.ts";

/** How many moments each story tries; `npm run crash` asks for many more. */
const rounds = Number(process.env.TEST_CRASH_ROUNDS ?? 4);

describe("kill -9 of the engine", { timeout: limits.longTest }, () => {
  const sandbox = new Sandbox();
  let checkout: Checkout;
  let mainUrl: string;
  let project: string;

  beforeAll(async () => {
    checkout = sandbox.readyCheckout("checkout");
    await checkout.ds(["setup", "--developer", "one"]);
    mainUrl = (await checkout.ds(["db", "url", "--target", "dev"])).stdout.trim();
    project = await (await Api.of(checkout)).projectId("devstride");
  });

  afterAll(() => sandbox.close(checkout));

  const branchNames = async () =>
    (await (await Api.of(checkout)).branches(project)).map(({ name }) => name).sort();

  /** Each branch is on disk once, and nothing else is, a moment after the engine has started. */
  const expectNothingOrphaned = async () => {
    const branches = await branchNames();
    const data = join(sandbox.home, "data");
    await expect.poll(() => readdirSync(join(data, "trash"))).toEqual([]);
    // Every step knows what is its own: nothing has to be set aside.
    expect(readdirSync(join(data, "quarantine"))).toEqual([]);
    await expect.poll(() => readdirSync(join(data, "pgdata")).length).toBe(branches.length);
    const engines = sandbox.processes().filter(({ command }) => command.includes("engine.js"));
    expect(engines.map(({ pid }) => pid)).toEqual([sandbox.enginePid()]);
  };

  test("while applications write: every acknowledged row is there afterwards", async () => {
    await query(checkout.url(), "create table written (n int)");
    let acknowledged = 0;
    for (let round = 0; round < rounds; round += 1) {
      const writing = (async () => {
        for (let n = 0; n < 1_000; n += 1) {
          await query(checkout.url(), "insert into written values ($1)", [acknowledged]);
          acknowledged += 1;
        }
      })().catch(() => {});
      await workFor(Math.random() * 400);
      endProcess(sandbox.enginePid());
      await writing;
      expect((await checkout.json<Status>(["db", "status"])).branch.name).toBe("dev-one-local");
      const [row] = await query<{ rows: string }>(
        checkout.url(),
        "select count(distinct n) as rows from written",
      );
      // One more may have been written than the client came to know of.
      expect(Number(row?.rows) - acknowledged).toBeOneOf([0, 1]);
      acknowledged = Number(row?.rows);
      await expectNothingOrphaned();
    }
  });

  test("during create: the branch is there, whole, or not at all", async () => {
    await mark(mainUrl, "base");
    const seen = { whole: 0, absent: 0 };
    for (let round = 0; round < rounds; round += 1) {
      const name = `created-${round}`;
      const before = await branchNames();
      const creating = checkout.run(["db", "create", name]);
      await workFor(momentWithin(round, rounds, 900));
      endProcess(sandbox.enginePid());
      const result = await creating;

      const after = await branchNames();
      const api = await Api.of(checkout);
      const created = (await api.branches(project)).find((branch) => branch.name === name);
      expect(after.filter((branch) => branch !== name)).toEqual(before);
      if (created) expect(await marks(await api.urlOf(project, created))).toEqual(["base"]);
      else expect(result.status, "a command that succeeded has made its branch").not.toBe(0);
      seen[created ? "whole" : "absent"] += 1;
      await expectNothingOrphaned();
      if (created) await checkout.ds(["db", "delete", name, "--yes"]);
    }
    console.log("killed during create:", seen);
  });

  test("during reset: the branch is as before or as main, never between", async () => {
    const seen = { before: 0, reset: 0 };
    for (let round = 0; round < rounds; round += 1) {
      const [mine, theirs] = [`mine-${round}`, `main-${round}`];
      const started = await marks(checkout.url());
      await mark(checkout.url(), mine);
      await mark(mainUrl, theirs);
      const [before, main] = [[...started, mine].sort(), await marks(mainUrl)];

      const resetting = checkout.run(["db", "reset", "--yes"]);
      await workFor(momentWithin(round, rounds, 1_500));
      endProcess(sandbox.enginePid());
      const result = await resetting;

      // Any command starts the engine again.
      await checkout.ds(["db", "status"]);
      const now = await marks(checkout.url());
      expect([before, main]).toContainEqual(now);
      const wasReset = JSON.stringify(now) === JSON.stringify(main);
      if (result.status === 0) expect(wasReset).toBe(true);
      seen[wasReset ? "reset" : "before"] += 1;
      expect((await checkout.json<Status>(["db", "status"])).envFile.pointsHere).toBe(true);
      await checkout.ds(["db", "migrate"]);
      await expectNothingOrphaned();
    }
    console.log("killed during reset:", seen);
  });

  test("during the first set-up: the next one begins anew or goes on, and ends well", async () => {
    for (let round = 0; round < Math.max(2, rounds / 4); round += 1) {
      const machine = new Sandbox();
      const fresh = machine.readyCheckout("checkout");
      const setup = fresh.run(["setup", "--developer", "one"]);
      await workFor(500 + Math.random() * 4_000);
      for (const { pid } of machine.processes()) {
        if (Math.random() < 0.5) endProcess(pid);
      }
      await setup;
      try {
        await fresh.ds(["setup", "--developer", "one"]);
        const api = await Api.of(fresh);
        const { projects } = await api.get<{ projects: { name: string }[] }>("/projects");
        expect(projects.map(({ name }) => name)).toEqual(["devstride"]);
        const [row] = await query<{ n: string }>(fresh.url(), "select count(*) as n from items");
        expect(Number(row?.n)).toBeGreaterThan(0);
      } finally {
        await machine.close(fresh);
      }
    }
  });
});

/** Lets what is under way work for a while: a moment to be killed at, and no wait for anything. */
const workFor = (ms: number) => sleep(ms);

/** Moments spread over the whole span, each with some chance in it. In milliseconds. */
function momentWithin(round: number, rounds: number, span: number): number {
  return ((round + Math.random()) / rounds) * span;
}

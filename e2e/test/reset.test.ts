import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../../scripts/test-support/until.ts";
import { Api } from "../support/api.ts";
import type { Checkout } from "../support/checkout.ts";
import { query } from "../support/database.ts";
import { mark, marks } from "../support/marks.ts";
import { addMigration } from "../support/migrations.ts";
import { ended, succeeded } from "../support/run.ts";
import { Sandbox } from "../support/sandbox.ts";
import type { Status } from "../support/status.ts";

describe("reset", () => {
  const sandbox = new Sandbox({ seeded: true });
  let checkout: Checkout;
  let mainUrl: string;

  beforeAll(async () => {
    checkout = sandbox.readyCheckout("checkout");
    await checkout.ds(["setup", "--developer", "one"]);
    mainUrl = (await checkout.ds(["db", "url", "--target", "dev"])).stdout.trim();
  });

  afterAll(() => sandbox.close(checkout));

  const branchesNow = async () => {
    const api = await Api.of(checkout);
    return await api.standing(await api.projectId("devstride"));
  };

  test("without a terminal and without --yes: exit 2, nothing changed", async () => {
    await mark(checkout.url(), "mine");
    const before = await branchesNow();
    const refused = ended(await checkout.run(["db", "reset"]), 2);
    expect(refused.stderr).toContain("--yes");
    expect(refused.stderr).toContain("dev-one-local");
    const { error } = await checkout.json<Failure>(["db", "reset"], 2);
    expect(error.code).toBe("CONFIRMATION_REQUIRED");
    expect(await marks(checkout.url())).toEqual(["mine"]);
    expect(await branchesNow()).toEqual(before);
  });

  test("with --yes: as main is now, migrated, same URL, no connection refused meanwhile", async () => {
    const table = "create table only_here (id int)";
    await query(checkout.url(), table);
    await mark(mainUrl, "new-on-main");
    addMigration(checkout, "9990_reset_test", "CREATE TABLE reset_test (id int);");
    const [envBefore, urlBefore] = [checkout.envText(), checkout.url()];

    const client = new ReconnectingClient(urlBefore);
    await client.connections(3);
    const result = succeeded(await checkout.run(["db", "reset", "--yes"]));
    await client.connections(3);
    const { refused, connected } = await client.stop();

    expect(refused).toEqual([]);
    expect(connected).toBeGreaterThan(6);
    expect(result.stdout + result.stderr).not.toMatch(/npg_\w+/);
    expect(checkout.envText()).toBe(envBefore);
    expect(checkout.url()).toBe(urlBefore);
    expect(await marks(checkout.url())).toEqual(["new-on-main"]);
    const [found] = await query<{ here: string | null; migrated: string | null }>(
      checkout.url(),
      "select to_regclass('only_here') as here, to_regclass('reset_test') as migrated",
    );
    expect(found).toEqual({ here: null, migrated: "reset_test" });
    expect((await checkout.json<Status>(["db", "status"])).migrations.pending).toEqual([]);
  });

  test("the state before is kept as a recovery point", async () => {
    const api = await Api.of(checkout);
    const project = await api.projectId("devstride");
    const points = (await api.branches(project)).filter(({ name }) =>
      name.startsWith("dev-one-local-before-reset-"),
    );
    expect(points).toHaveLength(1);
    for (const point of points) expect(point).toHaveProperty("expires_at");
  });

  test.each([
    ["dev", "a shared stage"],
    ["prod", "a shared stage of another project"],
  ])("--target %s (%s): exit 6, with and without --yes", async (target) => {
    for (const more of [[], ["--yes"]]) {
      const { error } = await checkout.json<Failure>(
        ["db", "reset", "--target", target, ...more],
        6,
      );
      expect(error).toMatchObject({ code: "REFUSED", reason: "STAGE_IS_SHARED" });
      expect(error.message).toContain(target);
    }
    expect(await marks(mainUrl)).toEqual(["new-on-main"]);
  });

  test("a branch called main, or not one of ours: exit 6 or 4, never a reset", async () => {
    ended(
      await checkout.run(["db", "create", "somebody-elses"], { env: { DS_DEVELOPER: "other" } }),
      0,
    );
    const before = await branchesNow();
    for (const target of ["main", "somebody-elses"]) {
      const result = await checkout.run(["db", "reset", "--yes", "--target", target]);
      expect([4, 6], result.stderr).toContain(result.status);
    }
    ended(await checkout.run(["db", "reset", "--yes", "--target", "main"]), 6);
    expect(await branchesNow()).toEqual(before);
  });
});

interface Failure {
  error: { code: string; reason?: string; message: string; hint?: string };
}

/** An application that opens a connection, asks, closes, and begins anew, all the time. */
class ReconnectingClient {
  private connected = 0;
  private readonly refused: string[] = [];
  private stopped = false;
  private readonly done: Promise<void>;

  constructor(url: string) {
    this.done = this.loop(url);
  }

  /** Returns after `n` more connections. */
  async connections(n: number): Promise<void> {
    const goal = this.connected + n;
    await until(`${n} connections`, () => this.connected >= goal, { everyMs: 5 });
  }

  async stop(): Promise<{ connected: number; refused: string[] }> {
    this.stopped = true;
    await this.done;
    return { connected: this.connected, refused: this.refused };
  }

  private async loop(url: string): Promise<void> {
    while (!this.stopped) {
      const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 30_000 });
      client.on("error", () => {}); // A session that was open when the branch was swapped.
      try {
        await client.connect();
        this.connected += 1;
      } catch (error) {
        this.refused.push(String(error));
        await sleep(20); // As an application tries again.
        continue;
      }
      await client.query("select 1").catch(() => {});
      await client.end().catch(() => {});
    }
  }
}

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { moment } from "../../scripts/test-support/moment.ts";
import type { Checkout } from "../support/checkout.ts";
import { query } from "../support/database.ts";
import { endedClearly } from "../support/failure.ts";
import { mark, marks } from "../support/marks.ts";
import { addMigration } from "../support/migrations.ts";
import { Sandbox } from "../support/sandbox.ts";

/** A branch's past from the command line: create --at, restore, undo. */
describe("time travel", () => {
  const sandbox = new Sandbox({ seeded: true });
  let checkout: Checkout;

  beforeAll(async () => {
    checkout = sandbox.readyCheckout("checkout");
    await checkout.ds(["setup", "--developer", "one"]);
  });

  afterAll(() => sandbox.close(checkout));

  const unconfirmed = { status: 2, code: "CONFIRMATION_REQUIRED", names: ["--yes"] };

  test("create --at: another branch as it was then; ours goes on", async () => {
    await mark(checkout.url(), "early");
    const then = await moment();
    await mark(checkout.url(), "late");
    const made = await checkout.json<{ branch: { at: unknown } }>([
      ...["db", "create", "dev-one-then", "--from", "dev-one-local", "--at", then],
    ]);
    expect(made.branch.at).toEqual({ timestamp: then });
    const { stdout } = await checkout.ds(["db", "url", "--target", "one-then"]);
    expect(await marks(stdout.trim())).toEqual(["early"]);
    expect(await marks(checkout.url())).toEqual(["early", "late"]);
    await checkout.ds(["db", "delete", "dev-one-then", "--yes"]);
  });

  test("create --at a position in the log", async () => {
    const [row] = await query<{ lsn: string }>(
      checkout.url(),
      "select pg_current_wal_insert_lsn()::text as lsn",
    );
    await mark(checkout.url(), "after-lsn");
    const at = ["--from", "dev-one-local", "--at", row?.lsn ?? ""];
    await checkout.ds(["db", "create", "dev-one-lsn", ...at]);
    const { stdout } = await checkout.ds(["db", "url", "--target", "one-lsn"]);
    expect(await marks(stdout.trim())).toEqual(["early", "late"]);
    await checkout.ds(["db", "delete", "dev-one-lsn", "--yes"]);
  });

  test("what is no moment, or no moment of this branch, is refused", async () => {
    for (const [at, reason] of [
      ["yesterday", "MOMENT_UNCLEAR"],
      ["11/10", "MOMENT_UNCLEAR"],
      ["in 5 minutes", "MOMENT_UNCLEAR"],
      ["2099-01-01T00:00:00Z", "MOMENT_IN_FUTURE"],
    ] as const) {
      const failure = { status: 2, code: "USAGE", reason, names: ["--at", at] };
      await endedClearly(checkout, ["db", "create", "dev-one-no", "--at", at], failure);
      await endedClearly(checkout, ["db", "restore", "--yes", "--at", at], failure);
    }
    const missing = { status: 2, code: "USAGE", reason: "FLAG_MISSING", names: ["--at"] };
    await endedClearly(checkout, ["db", "restore", "--yes"], missing);
    const old = "2020-01-01T00:00:00Z";
    const outside = { status: 4, code: "NOT_FOUND", reason: "OUTSIDE_HISTORY" };
    await endedClearly(checkout, ["db", "create", "dev-one-no", "--at", old], outside);
    await endedClearly(checkout, ["db", "restore", "--yes", "--at", old], outside);
    expect(await marks(checkout.url())).toEqual(["after-lsn", "early", "late"]);
  });

  test("shared stages: exit 6, before anything is asked; without --yes: exit 2", async () => {
    for (const command of [["restore", "--at", "1m"], ["undo"]]) {
      for (const stage of ["dev", "prod", "main"]) {
        const shared = { status: 6, code: "REFUSED", reason: "STAGE_IS_SHARED", names: [stage] };
        await endedClearly(checkout, ["db", ...command, "--target", stage, "--yes"], shared);
      }
    }
    await endedClearly(checkout, ["db", "restore", "--at", await moment()], unconfirmed);
    const nothing = { status: 4, code: "NOT_FOUND", reason: "NOTHING_TO_UNDO" };
    await endedClearly(checkout, ["db", "undo"], nothing);
  });

  test("restore --at, undo, and undo of the undo; same URL", async () => {
    const [url, env] = [checkout.url(), checkout.envText()];
    const then = await moment();
    await mark(url, "mistake");
    const restored = await checkout.json<Changed>(["db", "restore", "--at", then, "--yes"]);
    expect(restored.status).toBe("restored");
    expect(restored.recoveryPoint.name).toMatch(/^dev-one-local-before-restore-\d{17}$/);
    const before = ["after-lsn", "early", "late"];
    expect(await marks(url)).toEqual(before);
    await mark(url, "since");

    const asked = await endedClearly(checkout, ["db", "undo"], unconfirmed);
    // The question says what is brought back.
    expect(asked).toContain(restored.recoveryPoint.name);
    const undone = await checkout.json<Changed>(["db", "undo", "--yes"]);
    expect(undone).toMatchObject({
      status: "undone",
      undone: { what: "restore" },
      source: { name: restored.recoveryPoint.name },
    });
    expect(await marks(url)).toEqual([...before, "mistake"].sort());

    const again = await checkout.json<Changed>(["db", "undo", "--yes"]);
    expect(again.undone?.what).toBe("undo");
    expect(await marks(url)).toEqual([...before, "since"].sort());
    expect(checkout.envText()).toBe(env);
  });

  test("undo of a reset", async () => {
    const url = checkout.url();
    const before = await marks(url);
    await checkout.ds(["db", "reset", "--yes"]);
    expect(await marks(url)).toEqual([]);
    // Before the reset it had other data: that is not what is in the history of main.
    const past = new Date(Date.now() - 120_000).toISOString();
    const outside = { status: 4, code: "NOT_FOUND", reason: "OUTSIDE_HISTORY" };
    const withAdvice = { ...outside, names: ["ds db undo"] };
    await endedClearly(checkout, ["db", "restore", "--yes", "--at", past], withAdvice);
    const undone = await checkout.json<Changed>(["db", "undo", "--yes"]);
    expect(undone.undone?.what).toBe("reset");
    expect(await marks(url)).toEqual(before);
  });

  test("undo of a migrate: what it did is undone, what was there before it stays", async () => {
    const url = checkout.url();
    addMigration(checkout, "9991_undo_test", "CREATE TABLE undo_test (id int);");
    await mark(url, "before-migrate");
    const before = await marks(url);
    await checkout.ds(["db", "migrate"]);
    await mark(url, "after-migrate");
    const undone = await checkout.json<Changed>(["db", "undo", "--yes"]);
    expect(undone.undone?.what).toBe("migrate");
    expect(await marks(url)).toEqual(before);
    const table = "select to_regclass('undo_test') as name";
    expect(await query(url, table)).toEqual([{ name: null }]);
    await checkout.ds(["db", "migrate", "--check"], 9);

    await checkout.ds(["db", "undo", "--yes"]);
    expect(await query(url, table)).toEqual([{ name: "undo_test" }]);
    await checkout.ds(["db", "migrate", "--check"]);
  });
});

interface Changed {
  status: string;
  undone?: { what: string };
  recoveryPoint: { name: string };
}

// More than 300 lines: its cases share one server, whose start takes longer than any of them.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { stageLock } from "../../src/deploy/io/stage-lock.ts";
import { withLock } from "../../src/runtime/io/lock-file.ts";
import { AuditProject, daysAgo } from "../helpers/audit-project.ts";

// `ds db audit` in pipes: what is stale and why, and what is deleted of it, on a real engine.

const shop = new AuditProject();

beforeAll(async () => {
  await shop.start();
  await Promise.all([
    shop.branch("dev-phil-good", { secret: true, resources: 3, gitBranch: true }),
    shop.branch("dev-phil-old", { secret: true }),
    shop.branch("dev-phil-bare", { gitBranch: true }),
    shop.branch("dev-phil-kept", { protected: true }),
    shop.branch("dev-phil-parent"),
    shop.branch("dev-phil-locked", { resources: 0 }),
    shop.branch("experiment", { stamp: false }),
    shop.branch("dev-phil-late", { resources: 2, expires: 2 }),
  ]);
  await shop.branch("child", { parent: "dev-phil-parent", stamp: false });
  shop.pulumi.lock("phil-locked");
  shop.pulumi.add("phil-lost", 2);
  await shop.putSecret("phil-ghost");
  // Younger than the grace: what is in the secret store has its true age.
  await later();
});

afterEach(() => {
  shop.api.before = async () => {};
  shop.pulumi.set(undefined);
  shop.patience();
  shop.pulumi.hide(false);
});

afterAll(() => shop.remove());

interface Row {
  id: string;
  name: string;
  verdict: string;
  reason: string;
  reasons: string[];
}
const named = (rows: Row[], name: string) => rows.find((row) => row.name === name);

/** Until what has just been made is older than the grace, which only time can make it. */
const later = () => sleep(350);
const hasNoPulumi = (folder: string) => !existsSync(join(folder, "pulumi"));

const expected: [name: string, verdict: string, reasons: string[]][] = [
  ["dev-phil-good", "ok", ["git-branch-there", "stack-there"]],
  ["dev-phil-old", "stale", ["no-stack", "git-branch-gone"]],
  ["dev-phil-bare", "orphan?", ["no-stack", "git-branch-there"]],
  ["phil-lost", "orphan?", ["no-branch"]],
  ["phil-ghost", "stale", ["no-branch", "no-stack"]],
  ["dev-phil-kept", "kept", ["protected", "no-stack", "git-branch-gone"]],
  ["dev-phil-parent", "kept", ["has-children", "no-stack", "git-branch-gone"]],
  ["dev-phil-locked", "kept", ["stack-locked", "no-stack", "git-branch-gone"]],
  ["experiment", "kept", ["foreign-name"]],
  ["dev-phil-late", "stale", ["git-branch-gone", "expired"]],
  ["child", "kept", ["foreign-name"]],
  ["main", "kept", ["default-branch"]],
];

describe("looking", () => {
  test("every kind of row has its verdict and its reason: as JSON and as a table", async () => {
    const [document, { stdout }] = await Promise.all([shop.json({}), shop.run({})]);
    const lines = stdout.split("\n");
    for (const [name, verdict, reasons] of expected) {
      const row = named(document.rows, name);
      expect(row).toMatchObject({ name, verdict, reasons });
      const line = lines.find((one) => one.startsWith(`${name} `));
      expect(line).toContain(` ${verdict} `);
      expect(line).toContain(row?.reason);
    }
    // And the own branch, whose age decides.
    expect(document.rows).toHaveLength(expected.length + 1);
    expect(document.sources).toMatchObject({ stacks: { state: "read" }, git: { state: "read" } });
  });
});

describe("when the stacks cannot be read", () => {
  const troubles: [string, () => void, cause: string][] = [
    ["a wrong passphrase", () => shop.pulumi.set("passphrase"), "NO_PASSPHRASE"],
    ["no such program", () => shop.pulumi.hide(true), "NO_PULUMI"],
    [
      "no answer",
      () => {
        shop.pulumi.set("hang");
        shop.patience("3s");
      },
      "SOURCE_SILENT",
    ],
  ];

  test.each(troubles)("%s: unknown, and nothing is deleted", async (_, begin, cause) => {
    begin();
    const before = await shop.names();
    // So that no real Pulumi steps in.
    const others = (process.env.PATH ?? "").split(":").filter(hasNoPulumi);
    const env = { PATH: [shop.pulumi.bin, ...others].join(":") };
    const [looked, one, all] = await Promise.all([
      shop.run({ json: true }, env),
      shop.run({ delete: shop.idOf("dev-phil-old"), yes: true, json: true }, env),
      shop.run({ reconcile: true, yes: true, json: true }, env),
    ]);
    expect([looked.status, one.status, all.status]).toEqual([0, 8, 8]);
    const { rows, sources } = JSON.parse(looked.stdout);
    expect(sources.stacks).toMatchObject({ state: "failed", cause });
    expect(named(rows, "dev-phil-old")).toMatchObject({
      verdict: "unknown",
      reasons: ["source-failed"],
      reason: sources.stacks.reason,
    });
    expect(named(rows, "dev-phil-kept")?.verdict).toBe("kept");
    expect(JSON.parse(one.stdout).error).toMatchObject({
      code: "UPSTREAM",
      reason: "SOURCE_UNKNOWN",
      blocker: "unknown",
    });
    expect(JSON.parse(all.stdout).error).toMatchObject({
      code: "UPSTREAM",
      reason: "SOURCE_UNKNOWN",
      source: "stacks",
    });
    expect(await shop.names()).toEqual(before);
    expect(await shop.secretStages()).toContain("phil-ghost");
  });
});

describe("deleting by id", () => {
  test.each([
    ["main", "default-branch"],
    ["dev-phil-kept", "protected"],
    ["dev-phil-parent", "has-children"],
    ["dev-phil-locked", "stack-locked"],
    ["experiment", "foreign-name"],
    ["dev-phil-good", "not-stale"],
  ])("%s is refused, --yes or not: %s", async (name, blocker) => {
    const { error } = await shop.json({ delete: shop.idOf(name), yes: true }, 6);
    expect(error).toMatchObject({ code: "REFUSED", reason: "ROW_KEPT", blocker });
    expect(await shop.names()).toContain(name);
  });

  test("names, contradictions and unknown ids are refused; without --yes nobody can be asked", async () => {
    const codes = await Promise.all([
      shop.json({ delete: "dev-phil-old", yes: true }, 2),
      shop.json({ delete: shop.idOf("dev-phil-old"), reconcile: true }, 2),
      shop.json({ yes: true }, 2),
      shop.json({ delete: "br-no-such-branch", yes: true }, 4),
      shop.json({ delete: shop.idOf("dev-phil-old") }, 2),
    ]);
    expect(codes.map(({ error }) => error.code)).toEqual([
      "USAGE",
      "USAGE",
      "USAGE",
      "NOT_FOUND",
      "CONFIRMATION_REQUIRED",
    ]);
    expect(await shop.names()).toContain("dev-phil-old");
  });

  test("the branch goes with its secret, its stack, its recovery points and spent copies", async () => {
    await shop.branch("dev-phil-whole", { secret: true, resources: 2, expires: 1 });
    const point = "dev-phil-whole-before-reset-20260101000000000";
    await shop.branch(point, { stamp: false });
    const copy = "rehearsal-of-dev-phil-whole-abcdef-1-0000";
    await shop.branch(copy, { stamp: false, parent: "dev-phil-whole", expires: 1 });
    await later();
    const { removal } = await shop.json({ delete: shop.idOf("dev-phil-whole"), yes: true });
    const steps: { what: string }[] = removal.steps;
    expect(steps.map(({ what }) => what)).toEqual([
      "stack",
      "secret",
      "leftover",
      "leftover",
      "branch",
    ]);
    const names = await shop.names();
    for (const name of ["dev-phil-whole", point, copy]) expect(names).not.toContain(name);
    expect(await shop.secretStages()).not.toContain("phil-whole");
    expect(shop.pulumi.names).not.toContain("phil-whole");
  });

  test("killed at any deletion: run again, it ends where it should", async () => {
    await shop.branch("dev-phil-cut", { secret: true });
    const point = "dev-phil-cut-before-undo-20260101000000000";
    await shop.branch(point, { stamp: false });
    await later();
    const args = ["db", "audit", "--delete", shop.idOf("dev-phil-cut"), "--yes"];
    for (const victim of [point, "dev-phil-cut"]) {
      const running = shop.project.start(args, shop.env);
      shop.api.before = async (request) => {
        if (request.startsWith("DELETE") && request.includes(shop.idOf(victim))) {
          running.child.kill("SIGKILL");
          await running.ended;
          return "dropped";
        }
      };
      await running.ended;
      expect(running.child.signalCode).toBe("SIGKILL");
      expect(await shop.names()).toContain("dev-phil-cut");
    }
    shop.api.before = async () => {};
    expect(await shop.project.run(args, shop.env)).toMatchObject({ status: 0 });
    expect(await shop.names()).not.toContain(point);
    expect(await shop.names()).not.toContain("dev-phil-cut");
    expect(await shop.secretStages()).not.toContain("phil-cut");
  });
});

describe("what came alive in between stays", () => {
  const patch = (name: string, branch: object) =>
    shop.call("PATCH", `/projects/${shop.projectId}/branches/${shop.idOf(name)}`, { branch });

  const lives: [string, (name: string) => Promise<unknown>, kinds: string[]][] = [
    ["stack", async (name) => shop.pulumi.add(name.slice(4), 3), ["stack-appeared"]],
    [
      "name",
      async (name) => {
        shop.api.branches.set("precious", { created_at: daysAgo(9) });
        await patch(name, { name: "precious" });
      },
      ["renamed"],
    ],
    ["protected", (name) => patch(name, { protected: true }), ["protected"]],
    [
      "used",
      async (name) => {
        const endpoint = { branch_id: shop.idOf(name), type: "read_write" };
        shop.api.endpoints.set(shop.idOf(name), { last_active: daysAgo(0) });
        await shop.call("POST", `/projects/${shop.projectId}/endpoints`, { endpoint });
      },
      // A compute that is still up is seen as such.
      ["used", "running"],
    ],
    ["git", async (name) => shop.git("branch", name.slice(4)), ["git-branch-there"]],
  ];

  beforeAll(async () => {
    const make = ([what]: (typeof lives)[number]) =>
      shop.branch(`dev-phil-${what}`, { secret: true, expires: 1 });
    await Promise.all(lives.map(make));
    await later();
  });

  test.each(lives)("%s", async (what, comeAlive, kinds) => {
    const name = `dev-phil-${what}`;
    let asked = 0;
    shop.api.before = async (request) => {
      // For the second time, once everything has been read and before it is read again.
      if (/^GET \S+\/projects\/[^/?]+$/.test(request) && ++asked === 2) await comeAlive(name);
    };
    const { error } = await shop.json({ delete: shop.idOf(name), yes: true }, 5);
    expect(error).toMatchObject({
      code: "CONFLICT",
      reason: "ROW_CHANGED",
      removal: { is: "changed", steps: [] },
    });
    expect(kinds).toContain(error.removal.changeKinds[0]);
    const ids = (await shop.listed()).map(({ id }) => id);
    expect(ids).toContain(shop.idOf(name));
    expect(await shop.secretStages()).toContain(`phil-${what}`);
  });
});

describe("reconciling", () => {
  test("a dry run names what would go, and touches nothing", async () => {
    const before = await shop.names();
    const { stale, deleted } = await shop.json({ reconcile: true, dryRun: true });
    expect(stale.map(({ name }: Row) => name)).toContain("dev-phil-old");
    expect(deleted).toEqual([]);
    expect(await shop.names()).toEqual(before);
  });

  test("twice at once, and while a stage is being deployed: only what is stale goes, once", async () => {
    await shop.branch("dev-phil-busy", { secret: true });
    await shop.putSecret("phil-alien", "another-project");
    await later();
    const live = ["main", "dev-phil-local", "dev-phil-good", "dev-phil-bare", "dev-phil-busy"];
    const deploying = {
      home: shop.project.home,
      name: stageLock({ id: shop.projectId }, "phil-busy"),
      signal: new AbortController().signal,
      waitMs: 0,
      onWait: () => {},
    };
    const documents = await withLock(deploying, () =>
      Promise.all([
        shop.json({ reconcile: true, yes: true }),
        shop.json({ reconcile: true, yes: true }),
      ]),
    );
    const came = documents.flatMap(({ deleted }) => deleted) as { name: string; is: string }[];
    const gone = came.filter(({ is }) => is === "deleted").map(({ name }) => name);
    expect(new Set(gone).size).toBe(gone.length);
    expect(gone).toEqual(expect.arrayContaining(["dev-phil-old", "dev-phil-late", "phil-ghost"]));
    for (const { left } of documents) {
      expect(left).toMatchObject([{ name: "dev-phil-busy", code: "LOCKED" }]);
    }
    // What another project has put into the same store is not ours to delete.
    expect(came).toContainEqual(
      expect.objectContaining({
        name: "phil-alien",
        is: "changed",
        changeKinds: ["secret-of-other-project"],
      }),
    );
    const names = await shop.names();
    for (const name of live) expect(names).toContain(name);
    expect(names).not.toContain("dev-phil-old");
    expect(await shop.secretStages()).toEqual(
      expect.arrayContaining(["phil-good", "phil-busy", "phil-alien"]),
    );
    expect(await shop.secretStages()).not.toContain("phil-ghost");
    expect(shop.pulumi.names).toEqual(
      expect.arrayContaining(["phil-good", "phil-locked", "phil-lost"]),
    );
    expect(shop.pulumi.names).not.toContain("phil-late");
  });
});

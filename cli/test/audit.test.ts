import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AuditProject } from "./helpers/audit-project.ts";

// `ds db audit` in pipes: what is stale and why, and what is deleted of it, on a real engine.

const shop = new AuditProject();

beforeAll(async () => {
  await shop.start();
  await shop.branch("dev-phil-good", { secret: true, resources: 3, gitBranch: true });
  await shop.branch("dev-phil-old", { secret: true });
  await shop.branch("dev-phil-bare", { gitBranch: true });
  await shop.branch("dev-phil-kept", { protected: true });
  await shop.branch("dev-phil-parent");
  await shop.branch("child", { parent: "dev-phil-parent", stamp: false });
  await shop.branch("dev-phil-locked", { resources: 0 });
  await shop.branch("experiment", { stamp: false });
  await shop.branch("dev-phil-late", { resources: 2, expires: 2 });
  shop.pulumi.lock("phil-locked");
  shop.pulumi.add("phil-lost", 2);
  await shop.putSecret("phil-ghost");
  // Younger than the grace of a second: what is in the secret store has its true age.
  await new Promise((wait) => setTimeout(wait, 1_000));
});

afterAll(() => shop.remove());

const expected: [string, string, RegExp][] = [
  ["dev-phil-good", "ok", /the git branch phil-good is there; the stack .* with 3 resources/],
  [
    "dev-phil-old",
    "stale",
    /its stack organization\/shop\/phil-old is gone; the git branch phil-old is gone/,
  ],
  ["dev-phil-bare", "orphan?", /its stack .* is gone; but the git branch phil-bare is there/],
  ["phil-lost", "orphan?", /no branch belongs to the stage phil-lost/],
  ["phil-ghost", "stale", /no branch belongs to the stage phil-ghost; it has no stack/],
  ["dev-phil-kept", "kept", /it is protected/],
  ["dev-phil-parent", "kept", /other branches fork from it: child/],
  ["dev-phil-locked", "kept", /its stack organization\/shop\/phil-locked is locked/],
  ["experiment", "kept", /its name is not one that ds gives/],
  ["dev-phil-late", "stale", /the git branch phil-late is gone; it expired 2d ago/],
  ["dev-phil-local", "kept", /./],
  ["child", "kept", /its name is not one/],
  ["main", "kept", /it is the project's default branch/],
];

describe("looking", () => {
  test("every kind of row has its verdict and its reason: as JSON and as a table", async () => {
    const [document, { stdout }] = await Promise.all([shop.json([]), shop.run([])]);
    const lines = stdout.split("\n");
    for (const [name, verdict, reason] of expected) {
      if (name === "dev-phil-local") continue;
      const row = document.rows.find((one: { name: string }) => one.name === name);
      expect([name, row?.verdict, row?.reason]).toEqual([
        name,
        verdict,
        expect.stringMatching(reason),
      ]);
      const line = lines.find((one) => one.startsWith(`${name} `));
      expect(line).toContain(` ${verdict} `);
      expect(line).toMatch(reason);
    }
    expect(document.rows).toHaveLength(expected.length);
    expect(document.sources).toMatchObject({ stacks: { state: "read" }, git: { state: "read" } });
  });
});

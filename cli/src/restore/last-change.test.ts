import { expect, test } from "vitest";
import { aBranch } from "../../test/helpers/branch.ts";
import { parseRecoveryPoint } from "../branches/recovery-point.ts";
import { isMoment, lastChange } from "./last-change.ts";

const branch = aBranch;

const point = (name: string) => branch({ id: `br-${name.slice(-4)}`, name });
const reset = "dev-phil-local-before-reset-20261123100000000";
const restore = "dev-phil-local-before-restore-20261123110000000";
const others = "dev-anna-local-before-reset-20261123120000000";

test.each([
  ["nothing ever happened", undefined, [], undefined, undefined],
  ["a reset", "2026-11-23T10:00:02Z", [reset], undefined, reset],
  ["of two, the last", "2026-11-23T11:00:02Z", [restore, reset], undefined, restore],
  ["another branch's", undefined, [others], undefined, undefined],
  ["the last one's is gone", "2026-11-23T11:00:02Z", [reset], undefined, undefined],
  ["a slow clock", "2026-11-23T10:05:00Z", [reset], undefined, reset],
  ["a migrate", undefined, [], "2026-11-23T09:00:00.123456Z", "migrate"],
  ["a migrate after a reset", "2026-11-23T10:00:02Z", [reset], "2026-11-23T10:30:00Z", "migrate"],
  ["a migrate before a reset", "2026-11-23T10:00:02Z", [reset], "2026-11-23T09:30:00Z", reset],
  ["the parent's migrate", undefined, [], "2026-11-19T00:00:00Z", undefined],
])("%s", (_, lastResetAt, names, migrated, expected) => {
  const noted = migrated === undefined ? [] : [{ what: "migrate" as const, timestamp: migrated }];
  const found = lastChange(branch({ lastResetAt }), names.map(point), noted);
  expect(found && (isMoment(found) ? found.what : found.point.name)).toBe(expected);
});

test("of several moments the last", () => {
  const noted = [
    {
      what: "statement" as const,
      timestamp: "2026-11-23T10:00:00.000002Z",
      detail: "drops a table",
    },
    { what: "migrate" as const, timestamp: "2026-11-23T09:00:00Z" },
  ];
  expect(lastChange(branch({ lastResetAt: undefined }), [], noted)).toMatchObject(noted[0] ?? {});
});

test("what is kept of a branch that had the name before is not this one's", () => {
  const kept = { ...point(reset), createdAt: "2026-11-19T00:00:00Z" };
  const made = (createdAt: string) => branch({ lastResetAt: undefined, createdAt });
  expect(lastChange(made("2026-11-23T10:02:00Z"), [kept])).toBeUndefined();
  expect(lastChange(made(kept.createdAt), [kept])).toBeDefined();
});

test("names of recovery points", () => {
  const parse = (name: string) => parseRecoveryPoint("dev-phil", name);
  expect(parse("dev-phil-before-undo-20261123160512000")).toEqual({
    kind: "undo",
    at: new Date("2026-11-23T16:05:12Z"),
  });
  for (const name of [
    "dev-phil",
    "dev-phil-before-lunch-20261123160512000",
    "dev-phil-before-undo-20261399160512000",
    "dev-phil-before-undo-2026112316051200",
    "dev-philip-before-undo-20261123160512000",
    "dev-phil-before-reset-20261122000000000-before-undo-20261123160512000",
  ]) {
    expect(parse(name), name).toBeUndefined();
  }
});

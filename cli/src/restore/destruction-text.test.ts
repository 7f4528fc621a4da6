import { expect, test } from "vitest";
import type { Destruction, Destructions, Loss } from "../engine/contract.ts";
import { destructionLines, listText } from "./destruction-text.ts";

const now = Date.parse("2026-11-27T14:05:00Z");
const users = { database: "shop", schema: "public", table: "users" };

const destruction = (losses: Loss[], since: Partial<Destruction["since"]> = {}): Destruction => ({
  transactions: [{ transaction: "794", at: "2026-11-27T14:03:16.123456Z", lsn: "0/1A", losses }],
  since: { rows: [], tablesCreated: [], ...since },
});

test("what was destroyed, and what was written since", () => {
  const losses: Loss[] = [
    { kind: "database-dropped", database: "second" },
    { kind: "schema-dropped", database: "shop", schema: "sales" },
    { kind: "table-dropped", ...users, schema: "sales", rows: 1 },
    { kind: "table-truncated", ...users, rows: 52310 },
    { kind: "column-dropped", ...users, column: "label", rows: null },
    { kind: "all-rows-deleted", ...users, rows: 1_000_000, atLeast: true },
    { kind: "all-rows-updated", ...users, rows: 2 },
    { kind: "definitions-dropped", database: "shop" },
  ];
  const since = {
    rows: [{ ...users, inserted: 2, updated: 0, deleted: 1 }],
    tablesCreated: [{ ...users, table: "later" }],
  };
  expect(destructionLines(destruction(losses, since), now)).toEqual([
    "2026-11-27T14:03:16Z (1m ago), transaction 794:",
    "  dropped database second",
    "  dropped schema sales",
    "  dropped table sales.users (1 row)",
    "  truncated table users (52,310 rows)",
    "  dropped column label of table users",
    "  deleted all rows of table users (more than 1,000,000 rows)",
    "  updated all rows of table users (2 rows)",
    "  dropped constraints, indexes, types or the like",
    "Written since:",
    "  created table later",
    "  table users: 2 rows inserted, 1 row deleted",
  ]);
});

test("of many the first ones", () => {
  const losses = Array.from(
    { length: 30 },
    (): Loss => ({ kind: "table-dropped", ...users, rows: 0 }),
  );
  const lines = destructionLines(destruction(losses), now);
  expect(lines).toHaveLength(1 + 12 + 1);
  expect(lines.at(-1)).toBe("  and 18 more");
});

const found = (fields: Partial<Destructions>): Destructions => ({
  from: { lsn: "0/1", at: "2026-11-27T13:05:00Z" },
  until: { lsn: "0/2" },
  complete: true,
  destructions: [],
  ...fields,
});

test("all of them, and whether there may be more", () => {
  expect(listText(found({}), now)).toBe(
    "Nothing was destroyed in this branch. The log begins at 2026-11-27T13:05:00Z (1h ago).",
  );
  expect(listText(found({ complete: false }), now)).toContain("may be");
  const one = [destruction([{ kind: "table-dropped", ...users, rows: 1 }])];
  expect(listText(found({ destructions: one }), now)).toContain("all that the log tells of");
  const some = listText(found({ destructions: one, complete: false }), now);
  expect(some).toContain("There may be earlier ones");
  expect(some).not.toContain("all that the log tells of");
});

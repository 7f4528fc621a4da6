import { expect, test } from "vitest";
import { cursorPagination, page } from "../../src/api/requests/paging.ts";

interface Item {
  id: string;
  at: string;
}

/** Pairs share their time, so that ties are there at every page border. */
const items: Item[] = Array.from({ length: 11 }, (_, index) => ({
  id: `item-${String.fromCharCode(97 + index)}`,
  at: `2026-01-${String(10 + Math.floor(index / 2))}`,
}));

const position = (item: Item) => ({ key: item.at, id: item.id });

function walk(all: () => Item[], order: "asc" | "desc", limit: number): string[] {
  const seen: string[] = [];
  let cursor: string | undefined;
  for (let round = 0; round < 50; round += 1) {
    const taken = page(all(), { position, order, limit, cursor });
    seen.push(...taken.items.map((item) => item.id));
    if (taken.end === undefined) return seen;
    cursor = taken.end;
  }
  throw new Error("the walk does not end");
}

test.each([1, 2, 3, 11, 12])("pages of %i give every item once, in order", (limit) => {
  const ids = items.map((item) => item.id);
  const shuffled = [...items].sort((a, b) => (a.id.charCodeAt(5) % 3) - (b.id.charCodeAt(5) % 3));
  expect(walk(() => shuffled, "asc", limit)).toEqual(ids);
  expect(walk(() => shuffled, "desc", limit)).toEqual(ids.toReversed());
});

test("what comes or goes between two pages neither repeats nor hides others", () => {
  let left = [...items];
  const seen = walk(
    () => {
      const now = left;
      // Gone behind the walk's back: the first two, at the cursor itself and before it.
      left = left.slice(2);
      return now;
    },
    "asc",
    2,
  );
  expect(seen).toEqual(items.map((item) => item.id));
});

test("without a limit everything comes; an empty list has no cursor", () => {
  expect(page(items, { position, order: "asc" }).items).toHaveLength(11);
  expect(page([], { position, order: "asc", limit: 5 })).toEqual({ items: [] });
});

test.each(["nonsense", "e30", "W10", Buffer.from('["a",1]').toString("base64url")])(
  "refuses the cursor %s",
  (cursor) => {
    expect(() => page(items, { position, order: "asc", cursor })).toThrow(/cursor/);
  },
);

test("older lists: every page has a cursor, the last one too, but for an empty one", () => {
  const last = page(items, { position, order: "asc", limit: 12 });
  expect(cursorPagination(last)).toEqual({ pagination: { cursor: last.end } });
  const behind = page(items, { position, order: "asc", limit: 11, cursor: last.end });
  expect(cursorPagination(behind)).toEqual({});
});

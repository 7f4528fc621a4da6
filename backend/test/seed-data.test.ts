import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { copyChunks, copyLine } from "../src/seed/copy-text.ts";
import { layOut } from "../src/seed/layout.ts";
import { PLANS, TABLES } from "../src/seed/rows.ts";
import { countRows, parseSize } from "../src/seed/size.ts";

function makeTables(size: number) {
  const organizations = layOut(countRows(size, PLANS.length), 1);
  return TABLES.map(({ name, rows }) => ({ name, rows: [...rows(organizations)] }));
}

describe("size", () => {
  test("is a name or a number of rows", () => {
    expect(parseSize("small")).toBe(5_000);
    expect(parseSize("12345")).toBe(12_345);
  });

  test.each(["", "huge", "499", "-5", "1e6", "100000001", "constructor"])(
    "%j is refused",
    (text) => {
      expect(() => parseSize(text)).toThrow("is not a size");
    },
  );

  test.each([500, 777, 5_000, 200_000])("%d rows are exactly so many", (size) => {
    const made = makeTables(size).reduce((sum, { rows }) => sum + rows.length, 0);
    expect(made).toBe(size);
  });
});

describe("rows", () => {
  const digest = () => {
    const hash = createHash("sha256");
    for (const { rows } of makeTables(5_000)) {
      for (const chunk of copyChunks(rows, () => undefined)) hash.update(chunk);
    }
    return hash.digest("hex");
  };

  // Changes only when the staging data is meant to change.
  test("are the same bytes on every machine", () => {
    expect(digest()).toBe("8bfabb29f8e1e7d84b8e677c85625088d2892b1992fa0e7bd08a55ba77b4f545");
    expect(digest()).toBe(digest());
  });

  test("belong to several organizations, one of them org_demo", () => {
    const organizations = makeTables(5_000).find(({ name }) => name === "organizations")?.rows;
    expect(organizations?.map(([id]) => id)).toEqual([
      "org_demo",
      "org_0001",
      "org_0002",
      "org_0003",
      "org_0004",
    ]);
  });
});

describe("COPY text", () => {
  test("escapes what COPY reads as its own", () => {
    expect(copyLine([1, null, "a\tb\\c\nd\re", new Date(0), { a: 'x"\n' }])).toBe(
      '1\t\\N\ta\\tb\\\\c\\nd\\re\t1970-01-01T00:00:00.000Z\t{"a":"x\\\\"\\\\n"}\n',
    );
  });

  test("comes in chunks that lose no row", () => {
    const counts: number[] = [];
    const rows = Array.from({ length: 10_000 }, (_, n) => [n, "some text of a row"]);
    const chunks = [...copyChunks(rows, (count) => counts.push(count))];
    expect(chunks.length).toBeGreaterThan(1);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(10_000);
    expect(Buffer.concat(chunks).toString().split("\n")).toHaveLength(10_001);
  });
});

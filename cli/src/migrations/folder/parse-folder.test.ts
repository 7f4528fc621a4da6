import { expect, test } from "vitest";
import type { DsError } from "../../errors/ds-error.ts";
import {
  encodingProblems,
  type FolderListing,
  parseFolder,
  transactionControl,
} from "./parse-folder.ts";

const journal = (...tags: string[]) =>
  JSON.stringify({ entries: tags.map((tag, idx) => ({ idx, tag, when: 1000 + idx })) });

function problems(
  journalText: string | undefined,
  sql: Record<string, string>,
  folders: string[] = [],
): string[] {
  const listing: FolderListing = {
    path: "drizzle",
    journal: journalText,
    sql: new Map(Object.entries(sql).map(([path, text]) => [path, Buffer.from(text)])),
    folders,
  };
  try {
    parseFolder(listing);
    return [];
  } catch (error) {
    const { code, details } = error as DsError;
    expect(code).toBe("MIGRATION_REFUSED");
    return details.problems as string[];
  }
}

const conflict = "select 1;\n<<<<<<< HEAD\nselect 2;\n=======\nselect 3;\n>>>>>>> feature\n";

test.each([
  ["a sound folder", journal("0000_a"), { "0000_a.sql": "select 1" }, [], []],
  ["an empty folder", undefined, {}, [], []],
  ["a missing file", journal("0000_a"), {}, [], [/0000_a\.sql is missing/]],
  [
    "a duplicate number",
    journal("0000_a", "0000_b"),
    { "0000_a.sql": "", "0000_b.sql": "" },
    [],
    [/number 0000 is used twice: 0000_a and 0000_b/],
  ],
  ["a duplicate tag", journal("a", "a"), { "a.sql": "" }, [], [/used twice/]],
  [
    "a conflict in SQL",
    journal("0000_a"),
    { "0000_a.sql": conflict },
    [],
    [/0000_a\.sql:2 holds a conflict marker/],
  ],
  [
    "a conflict in CRLF SQL",
    journal("0000_a"),
    { "0000_a.sql": "<<<<<<<\r\n" },
    [],
    [/conflict marker/],
  ],
  [
    "an underline in a comment",
    journal("0000_a"),
    { "0000_a.sql": "-- title\n-- =======\n/*\n=======\n*/" },
    [],
    [],
  ],
  [
    "a conflict in the journal",
    `{\n${conflict}}`,
    {},
    [],
    [/_journal\.json:3 holds a conflict marker/],
  ],
  ["a journal that is not JSON", "{", {}, [], [/_journal\.json is not JSON/]],
  ["a journal without entries", "null", {}, [], [/has no list of entries/]],
  [
    "a journal of another database",
    JSON.stringify({ dialect: "mysql", entries: [] }),
    {},
    [],
    [/its dialect is "mysql"/],
  ],
  ["a tag that leads out of the folder", journal("../secret"), {}, [], [/entry 0/]],
  ["a journal that is gone", undefined, { "0000_a.sql": "" }, [], [/_journal\.json is missing/]],
  [
    "both formats",
    journal(),
    { "20260101000000_a/migration.sql": "" },
    ["20260101000000_a"],
    [/mixes both/],
  ],
  [
    "a v1 folder without its file",
    undefined,
    {},
    ["20260101000000_a"],
    [/20260101000000_a\/migration\.sql is missing/],
  ],
  [
    "everything at once",
    journal("0000_a", "0000_b"),
    { "0000_a.sql": conflict },
    [],
    [/used twice/, /0000_b\.sql is missing/, /conflict marker/],
  ],
] as const)("%s", (_, text, sql, folders, expected) => {
  const found = problems(text, sql, [...folders]);
  expect(found).toHaveLength(expected.length);
  for (const [index, pattern] of expected.entries()) expect(found[index]).toMatch(pattern);
});

test("transaction control is found with its place", () => {
  const { migrations } = parseFolder({
    path: "drizzle",
    journal: journal("0000_a"),
    sql: new Map([["0000_a.sql", Buffer.from("select 1;\n  COMMIT;\nselect 2")]]),
    folders: [],
  });
  expect(transactionControl(migrations)).toEqual([
    "drizzle/0000_a.sql:2:3: COMMIT inside a migration, which is one transaction already",
  ]);
});

test("transaction control where no transaction is asked for", () => {
  const { migrations } = parseFolder({
    path: "drizzle",
    journal: journal("0000_a"),
    sql: new Map([["0000_a.sql", Buffer.from("-- ds:no-transaction\nbegin;")]]),
    folders: [],
  });
  expect(transactionControl(migrations)).toEqual([
    "drizzle/0000_a.sql:2:1: BEGIN inside a migration, whose statements are each committed on their own (-- ds:no-transaction)",
  ]);
});

test("what is not UTF-8 is found; byte order marks and letters of several bytes are no difficulty", () => {
  const text = "\ufeffselect 'é';\n";
  const { migrations } = parseFolder({
    path: "drizzle",
    journal: journal("0000_a", "0001_b", "0002_c"),
    sql: new Map([
      ["0000_a.sql", Buffer.from(text)],
      ["0001_b.sql", Buffer.from("\n-- caf\xe9", "latin1")],
      ["0002_c.sql", Buffer.from(text, "utf16le")],
    ]),
    folders: [],
  });
  expect(encodingProblems(migrations)).toEqual([
    "drizzle/0001_b.sql:2 is not UTF-8",
    "drizzle/0002_c.sql holds NUL characters: it is UTF-16, or no text",
  ]);
});

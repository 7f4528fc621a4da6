import { expect, test } from "vitest";
import { type FolderListing, parseFolder } from "./parse-folder.ts";
import { FolderInvalid, type FolderProblem } from "./problem.ts";
import { encodingProblems, transactionControl } from "./sql-problems.ts";

const journal = (...tags: string[]) =>
  JSON.stringify({ entries: tags.map((tag, idx) => ({ idx, tag, when: 1000 + idx })) });

function problems(
  journalText: string | undefined,
  sql: Record<string, string>,
  folders: string[] = [],
): readonly FolderProblem[] {
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
    if (!(error instanceof FolderInvalid)) throw error;
    expect(error).toMatchObject({ code: "MIGRATION_REFUSED", reason: "FOLDER_INVALID" });
    expect(error.details.problems).toEqual(error.problems.map(({ text }) => text));
    return error.problems;
  }
}

const conflict = "select 1;\n<<<<<<< HEAD\nselect 2;\n=======\nselect 3;\n>>>>>>> feature\n";

test.each([
  ["a sound folder", journal("0000_a"), { "0000_a.sql": "select 1" }, [], []],
  ["an empty folder", undefined, {}, [], []],
  [
    "a missing file",
    journal("0000_a"),
    {},
    [],
    [{ reason: "FILE_MISSING", file: "drizzle/0000_a.sql" }],
  ],
  [
    "a duplicate number",
    journal("0000_a", "0000_b"),
    { "0000_a.sql": "", "0000_b.sql": "" },
    [],
    [{ reason: "NUMBER_TWICE", file: "drizzle/meta/_journal.json" }],
  ],
  ["a duplicate tag", journal("a", "a"), { "a.sql": "" }, [], [{ reason: "NUMBER_TWICE" }]],
  [
    "a conflict in SQL",
    journal("0000_a"),
    { "0000_a.sql": conflict },
    [],
    [{ reason: "CONFLICT_MARKER", file: "drizzle/0000_a.sql", line: 2 }],
  ],
  [
    "a conflict in CRLF SQL",
    journal("0000_a"),
    { "0000_a.sql": "<<<<<<<\r\n" },
    [],
    [{ reason: "CONFLICT_MARKER", line: 1 }],
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
    [{ reason: "CONFLICT_MARKER", file: "drizzle/meta/_journal.json", line: 3 }],
  ],
  [
    "a journal that is not JSON",
    "{",
    {},
    [],
    [{ reason: "JOURNAL_UNREADABLE", file: "drizzle/meta/_journal.json" }],
  ],
  ["a journal without entries", "null", {}, [], [{ reason: "JOURNAL_UNREADABLE" }]],
  [
    "a journal of another database",
    JSON.stringify({ dialect: "mysql", entries: [] }),
    {},
    [],
    [{ reason: "OTHER_DIALECT" }],
  ],
  [
    "a tag that leads out of the folder",
    journal("../secret"),
    {},
    [],
    [{ reason: "JOURNAL_UNREADABLE" }],
  ],
  ["a journal that is gone", undefined, { "0000_a.sql": "" }, [], [{ reason: "JOURNAL_MISSING" }]],
  [
    "both formats",
    journal(),
    { "20260101000000_a/migration.sql": "" },
    ["20260101000000_a"],
    [{ reason: "FORMATS_MIXED" }],
  ],
  [
    "a v1 folder without its file",
    undefined,
    {},
    ["20260101000000_a"],
    [{ reason: "FILE_MISSING", file: "drizzle/20260101000000_a/migration.sql" }],
  ],
  [
    "everything at once",
    journal("0000_a", "0000_b"),
    { "0000_a.sql": conflict },
    [],
    [
      { reason: "NUMBER_TWICE" },
      { reason: "FILE_MISSING", file: "drizzle/0000_b.sql" },
      { reason: "CONFLICT_MARKER" },
    ],
  ],
] as const)("%s", (_, text, sql, folders, expected) => {
  const found = problems(text, sql, [...folders]);
  expect(found).toMatchObject(expected);
});

test("transaction control is found with its place", () => {
  const { migrations } = parseFolder({
    path: "drizzle",
    journal: journal("0000_a"),
    sql: new Map([["0000_a.sql", Buffer.from("select 1;\n  COMMIT;\nselect 2")]]),
    folders: [],
  });
  expect(transactionControl(migrations)).toEqual([
    {
      reason: "TRANSACTION_CONTROL",
      file: "drizzle/0000_a.sql",
      line: 2,
      column: 3,
      text: "drizzle/0000_a.sql:2:3: COMMIT inside a migration, which is one transaction already",
    },
  ]);
});

test("transaction control where no transaction is asked for", () => {
  const { migrations } = parseFolder({
    path: "drizzle",
    journal: journal("0000_a"),
    sql: new Map([["0000_a.sql", Buffer.from("-- ds:no-transaction\nbegin;")]]),
    folders: [],
  });
  expect(transactionControl(migrations)).toMatchObject([
    {
      line: 2,
      column: 1,
      text: expect.stringContaining(
        "BEGIN inside a migration, whose statements are each committed",
      ),
    },
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
  expect(encodingProblems(migrations)).toMatchObject([
    { reason: "NOT_UTF8", file: "drizzle/0001_b.sql", line: 2 },
    { reason: "NOT_UTF8", file: "drizzle/0002_c.sql" },
  ]);
});

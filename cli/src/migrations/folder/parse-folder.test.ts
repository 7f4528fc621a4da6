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
    "two with the same number",
    journal("0000_a", "0000_b", "0300_x", "0300_1_y"),
    { "0000_a.sql": "", "0000_b.sql": "", "0300_x.sql": "", "0300_1_y.sql": "" },
    [],
    [],
  ],
  [
    "a tag twice",
    journal("a", "a"),
    { "a.sql": "" },
    [],
    [{ reason: "TAG_TWICE", file: "drizzle/meta/_journal.json" }],
  ],
  ["a composed tag, a decomposed file", journal("0000_é"), { "0000_e\u0301.sql": "" }, [], []],
  ["a folder beside a journal", journal(), { "old/migration.sql": "" }, ["old"], []],
  [
    "a v1 folder whose name is no time",
    undefined,
    { "init/migration.sql": "" },
    ["init"],
    [{ reason: "NO_TIME", file: "drizzle/init/migration.sql" }],
  ],
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
    journal("0000_a", "0000_b", "0000_b"),
    { "0000_a.sql": conflict },
    [],
    [
      { reason: "FILE_MISSING", file: "drizzle/0000_b.sql" },
      { reason: "TAG_TWICE" },
      { reason: "CONFLICT_MARKER" },
    ],
  ],
] as const)("%s", (_, text, sql, folders, expected) => {
  const found = problems(text, sql, [...folders]);
  expect(found).toMatchObject(expected);
});

test("what undoes a transaction is found with its place", async () => {
  const { migrations } = parseFolder({
    path: "drizzle",
    journal: journal("0000_a"),
    sql: new Map([
      ["0000_a.sql", Buffer.from("\ufeffselect 1;\n  ROLLBACK  AND CHAIN;\nselect 2")],
    ]),
    folders: [],
  });
  expect(await transactionControl(migrations)).toEqual([
    {
      reason: "TRANSACTION_CONTROL",
      file: "drizzle/0000_a.sql",
      line: 2,
      column: 3,
      text: expect.stringMatching(/^drizzle\/0000_a\.sql:2:3: ROLLBACK AND CHAIN: it would undo/),
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

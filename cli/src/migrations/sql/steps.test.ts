import { describe, expect, test } from "vitest";
import { parseStatements, stepsOf } from "./parse.ts";
import { mayNeedSteps, nonTransactionalKind } from "./parsed-statement.ts";

const shape = async (sql: string) =>
  (await stepsOf(sql)).map(({ alone, before, statements }) =>
    [alone?.kind ?? "transaction", before, statements].join(" "),
  );

/** Statements that Postgres 18 refuses in a transaction block, and how each is told done from not done. */
const alone: [sql: string, kind: string][] = [
  ["create index concurrently i on a (id)", "create-index"],
  ["create index concurrently on a (id)", "create-index"],
  ["create unique index concurrently if not exists i on s.a (id)", "create-index"],
  ["drop index concurrently if exists s.i", "drop-index"],
  ["reindex index concurrently i", "reindex"],
  ["reindex (concurrently, verbose) table a", "reindex"],
  ["reindex (concurrently true) table a", "reindex"],
  ["reindex schema s", "reindex"],
  ["alter table p detach partition q concurrently", "detach-partition"],
  ["vacuum", "repeatable"],
  ["vacuum (analyze) a", "repeatable"],
  ["cluster", "repeatable"],
  ["alter system set work_mem = '8MB'", "repeatable"],
  ["discard all", "repeatable"],
  ["create database d", "create"],
  ["drop database if exists d", "drop"],
  ["alter database d set tablespace t", "repeatable"],
  ["create tablespace t location '/t'", "create"],
  ["drop tablespace t", "drop"],
  ["create subscription s connection '' publication p", "create"],
  ["drop subscription s", "drop"],
  ["alter subscription s refresh publication", "opaque"],
];

test.each(alone)("outside of any transaction: %s", async (sql, kind) => {
  expect(mayNeedSteps(sql)).toBe(true);
  const [statement] = (await parseStatements(sql)) ?? [];
  expect(statement && nonTransactionalKind(statement.node)?.kind).toBe(kind);
});

test.each([
  "create index i on a (id)",
  "drop index i",
  "reindex table a",
  "reindex (concurrently false) table a",
  "alter table p detach partition q",
  "analyze a",
  "cluster a using i",
  "discard temp",
  "comment on database d is 'x'",
  "alter database d set work_mem = '8MB'",
  "alter type t rename value 'a' to 'b'",
  "select 'create index concurrently'",
])("in a transaction: %s", async (sql) => {
  expect(await shape(sql)).toEqual(["transaction 0 1"]);
});

describe("cuts", () => {
  test.each([
    ["all that can be together is", "select 1; select 2; -- vacuum", ["transaction 0 2"]],
    [
      "around what stands alone",
      "select 1; select 2; vacuum; select 3",
      ["transaction 0 2", "repeatable 2 1", "transaction 3 1"],
    ],
    ["between two of them", "vacuum; vacuum", ["repeatable 0 1", "repeatable 1 1"]],
    [
      "behind new values of enums",
      "select 1; alter type t add value 'a'; alter type t add value 'b'; select 2",
      ["transaction 0 3", "transaction 3 1"],
    ],
    [
      "not behind one that is the last",
      "select 1; alter type t add value 'a'",
      ["transaction 0 2"],
    ],
    [
      "everywhere, with the header",
      "-- a comment\n\n-- ds:no-transaction\nselect 1; call p(); do $$ begin end $$",
      ["transaction 0 1", "opaque 1 1", "opaque 2 1"],
    ],
    [
      "not with the header behind a statement",
      "select 1;\n-- ds:no-transaction\nselect 2",
      ["transaction 0 2"],
    ],
    ["what the parser refuses is the server's to judge", "vacuum; nonsense", ["transaction 0 2"]],
    ["nothing", "-- vacuum", ["transaction 0 0"]],
  ])("%s", async (_, sql, expected) => {
    expect(await shape(sql)).toEqual(expected);
  });

  test("the texts are the file, whatever is in it", async () => {
    const sql =
      "-- é🙂\nselect '🙂';\n--> statement-breakpoint\ncreate index concurrently i on a (id);\n-- ü\nselect 'é'; -- end\n";
    const steps = await stepsOf(sql);
    expect(steps.map(({ text }) => text).join("")).toBe(sql);
    expect(steps.map(({ start, text }) => sql.slice(start, start + text.length) === text)).toEqual([
      true,
      true,
      true,
    ]);
    expect(steps[1]?.text).toBe("create index concurrently i on a (id);\n-- ü\n");
  });

  test("settings of earlier steps go with later ones", async () => {
    const sql =
      "set search_path = s; set local work_mem = '8MB'; set transaction read write; set role r; vacuum; select 1";
    expect((await stepsOf(sql)).map(({ settings }) => settings)).toEqual([
      "",
      "set search_path = s;\nset role r;",
      "set search_path = s;\nset role r;",
    ]);
  });
});

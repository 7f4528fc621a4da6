import { describe, expect, test } from "vitest";
import { cutMigration, readStatements, stepsOf } from "./parse.ts";
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
  const [statement] = await readStatements(sql);
  expect(statement?.node && nonTransactionalKind(statement.node)?.kind).toBe(kind);
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
      "set search_path = s; set local work_mem = '8MB'; set transaction read write; set role r; " +
      "select pg_catalog.set_config('lc_messages', 'C', false), 1; select set_config('a.b', '', true); vacuum; select 1";
    const discarded = await stepsOf("set search_path = s; discard all; set role r; vacuum");
    expect(discarded.map((step) => step.settings)).toEqual([
      "",
      "set search_path = s;",
      "",
      "set role r;",
    ]);
    const settings =
      "set search_path = s;\nset role r;\nselect pg_catalog.set_config('lc_messages', 'C', false), 1;";
    expect((await stepsOf(sql)).map((step) => step.settings)).toEqual(["", settings, settings]);
  });
});

const mark = "\n--> statement-breakpoint\n";
/** How each step is run, and what is sent. */
const sends = async (sql: string) =>
  (await cutMigration(sql)).steps.map(({ alone, begin, parts }) =>
    [alone?.kind ?? begin, ...parts.map(({ text }) => text.trim())].join(" | "),
  );

describe("Drizzle's pieces are sent one by one", () => {
  test.each([
    ["without semicolons", `a${mark}b`, ["begin | a | b"]],
    ["behind the mark on its line", "a;--> statement-breakpoint b", ["begin | a; | b"]],
    ["with CRLF", "a\r\n--> statement-breakpoint\r\nb\r\n", ["begin | a | b"]],
    ["in a comment", "-- see --> statement-breakpoint b", ["begin | b"]],
    ["empty ones are left out", `${mark}a;${mark}-- nothing${mark}`, ["begin | a;"]],
    ["several statements in one", `a; b;${mark}c`, ["begin | a; b; | c"]],
    ["in a dollar quote it is none", `do $$ ${mark} $$${mark}c`, [`begin | do $$ ${mark} $$ | c`]],
  ])("%s", async (_, sql, expected) => expect(await sends(sql)).toEqual(expected));

  test("each knows its place in the file", async () => {
    const sql = `-- é🙂\na; begin; b${mark}c; commit;${mark}d`;
    for (const { parts } of await stepsOf(sql)) {
      for (const { start, text } of parts) expect(sql.slice(start, start + text.length)).toBe(text);
    }
  });
});

describe("the file's own transactions", () => {
  test.each([
    ["a pair around all is dropped", "begin; a; b; commit;", ["begin | a; b;"]],
    ["also in pieces", `BEGIN${mark}a${mark}END;`, ["begin | a"]],
    ["START TRANSACTION", `start transaction; a; commit work;`, ["begin | a;"]],
    [
      "its modes are taken",
      "begin isolation level serializable, read write; a; commit",
      ["begin isolation level serializable, read write | a;"],
    ],
    [
      "SET TRANSACTION comes before any query",
      "set transaction isolation level repeatable read; a",
      [
        "begin; set transaction isolation level repeatable read | set transaction isolation level repeatable read; a",
      ],
    ],
    ["COMMIT is a border", `a; commit;${mark}b`, ["begin | a;", "begin | b"]],
    [
      "behind it each piece is committed by itself",
      `commit;${mark}a; b;${mark}c`,
      ["begin | a; b;", "begin | c"],
    ],
    [
      "until a BEGIN, which takes what was sent with it",
      `commit;${mark}a; begin; b${mark}c${mark}commit${mark}d`,
      ["begin | a; | b | c", "begin | d"],
    ],
    [
      "COMMIT AND CHAIN begins again",
      `a; commit and chain; b${mark}c`,
      ["begin | a;", "begin | b | c"],
    ],
    [
      "a second BEGIN and a second COMMIT do nothing",
      `begin; a${mark}begin; b; commit; commit`,
      ["begin | a | b;"],
    ],
    [
      "for what cannot be in a transaction",
      `select 1;${mark}COMMIT;${mark}create index concurrently i on a (id);${mark}select 2`,
      [
        "begin | select 1;",
        "create-index | create index concurrently i on a (id);",
        "begin | select 2",
      ],
    ],
    [
      "for a procedure that commits",
      `commit;${mark}call p();${mark}do $$ begin commit; end $$;${mark}do $$ begin perform 1; end $$`,
      [
        "opaque | call p();",
        "opaque | do $$ begin commit; end $$;",
        "begin | do $$ begin perform 1; end $$",
      ],
    ],
    [
      "also beside what the parser refuses",
      `select 1;${mark}vacuum;${mark}nonsense`,
      ["begin | select 1;", "repeatable | vacuum;", "begin | nonsense"],
    ],
    [
      "in one with the parser's help or without",
      `commit; vacuum; nonsense`,
      ["begin | vacuum; nonsense"],
    ],
    [
      "with the header, where each statement is a step",
      "-- ds:no-transaction\nselect 1; begin; select 2; select 3; commit; select 4",
      [
        "begin | -- ds:no-transaction\nselect 1;",
        "begin | select 2; select 3;",
        "begin | select 4",
      ],
    ],
    [
      "a savepoint within",
      "savepoint a; b; rollback to a; release a;",
      ["begin | savepoint a; b; rollback to a; release a;"],
    ],
    ["nothing else", "begin; commit;", ["begin"]],
  ])("%s", async (_, sql, expected) => expect(await sends(sql)).toEqual(expected));

  test.each([
    ["rollback", ["UNDOES 0"]],
    ["a; abort", ["UNDOES 3"]],
    [
      "prepare transaction 'a'; commit prepared 'a'; rollback prepared 'a'",
      ["UNDOES 0", "UNDOES 25", "UNDOES 46"],
    ],
    ["rollback and chain", ["UNDOES 0"]],
    ["savepoint a; commit; rollback to a", ["SAVEPOINT_GONE 21"]],
    ['savepoint "A"; release a', ["SAVEPOINT_GONE 15"]],
    ["savepoint a; vacuum; release savepoint A", ["SAVEPOINT_GONE 21"]],
    ["select 1; begin isolation level serializable", ["MODES_LATE 10"]],
    [`commit${mark}commit and chain`, ["NOTHING_TO_CHAIN 32"]],
    ["savepoint a; rollback work to savepoint A", []],
    ["prepare p as select 1; set transaction read only; comment on table a is 'rollback'", []],
    [
      "do $$ begin rollback; end $$; create function f() returns int begin atomic select 1; end",
      [],
    ],
    // The server will not accept these.
    ["commit everything; begin x; end case", []],
  ])("impossible: %s", async (sql, expected) => {
    const { problems } = await cutMigration(sql);
    expect(problems.map(({ reason, statement }) => `${reason} ${statement.start}`)).toEqual(
      expected,
    );
  });
});

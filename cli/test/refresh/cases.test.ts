// More than 300 lines: its cases share one server, whose start takes longer than any of them.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeWith } from "../../../scripts/test-support/needs.ts";
import { withPostgres } from "../../src/postgres/io/connect.ts";
import { DebianPostgres, debianPostgres } from "../helpers/debian-postgres.ts";
import { allRows, RefreshStage, schemaLines } from "./stage.ts";
import { zooData, zooRules, zooSchema } from "./zoo.ts";

// What can go wrong when one organization is copied, on a real source and a real target.

let stage: RefreshStage;
let empty: string;

beforeAll(async () => {
  stage = await RefreshStage.start({ schema: zooSchema, data: zooData, rules: zooRules });
  empty = await stage.contents();
});
afterAll(() => stage?.stop());

const ids = async (table: string) =>
  (
    await stage.rows<{ ids: string | null }>(
      `select string_agg(id::text, ' ' order by id) as ids from ${table}`,
    )
  )[0]?.ids;

/** A failure as `--json` prints it. */
const errorOf = (stdout: string) => JSON.parse(stdout).error;

/** The plan is refused, and this is among the problems. */
const refused = (subject: unknown, reason: object) => ({
  code: "REFUSED",
  reason: "PLAN_REFUSED",
  problems: expect.arrayContaining([
    expect.objectContaining({ subject, reason: expect.objectContaining(reason) }),
  ]),
});

describe("refused before a byte is copied, with main as it was", () => {
  test.each([
    [
      "a type of polymorphic reference that no rule knows",
      "insert into notes values (9, 1, 'invoice', 3, '')",
      refused("references: notes.subject_id", { code: "UNKNOWN_TYPES", types: ["invoice"] }),
    ],
    [
      "float8 against bigint",
      "alter table comments alter score type float8",
      refused("comments.score", { code: "TYPES_DIFFER" }),
    ],
    [
      "an enum label that main lacks",
      "alter type status add value 'late'",
      refused(expect.anything(), {
        code: "LABELS_MISSING",
        type: "public.status",
        labels: ["late"],
      }),
    ],
    [
      "a column that main lacks",
      "alter table countries add continent text",
      refused("countries.continent", { code: "MISSING_ON_MAIN" }),
    ],
    [
      "a column that nobody has classified",
      "alter table users add ssn text",
      refused("users.ssn", { code: "UNCLASSIFIED", type: "text" }),
    ],
    [
      "a database that is not production by its own word",
      "alter database $place set zoo.place = 'staging'",
      { code: "REFUSED", reason: "NOT_PRODUCTION" },
    ],
  ])("%s", async (_what, sql, expected) => {
    const url = await stage.variant(sql);
    expect(await stage.refresh(url)).toMatchObject({ status: 6, stdout: "" });
    const { status, stdout } = await stage.refresh(url, ["--yes", "--json"]);
    expect({ status, error: errorOf(stdout) }).toMatchObject({ status: 6, error: expected });
    expect(await stage.contents()).toBe(empty);
    expect(await stage.branches()).toEqual(["dev-kim-local", "main"]);
  });

  const failing = (column: string, mask: string, said: RegExp, rule = column) => ({
    subject: column,
    reason: { code: "MASK_FAILS", mask, rule, said: expect.stringMatching(said) },
  });
  // What Postgres says goes on as it is: it names what is wrong in somebody's SQL.
  test.each([
    [
      `"orders.placed": mask.sql("nope({value})")`,
      "",
      [failing("orders.placed", "sql", /function nope\(date\) does not exist/)],
    ],
    [
      `"*.place*": mask.sql("'abc'"), "*.*_type": mask.keep(), "invoices.total": mask.sql("{value} / 'x'")`,
      "",
      [
        failing("orders.placed", "sql", /: "abc"/, "*.place*"),
        failing("invoices.total", "sql", /: "x"/),
      ],
    ],
    [
      `"orders.placed": mask.constant("abc")`,
      "",
      [failing("orders.placed", "constant", /syntax for type date: "abc"/)],
    ],
    [
      `"orders.placed": mask.sql("make_date(1, 1, (1 / (1 - 1)))")`,
      "",
      [failing("orders.placed", "sql", /SQLSTATE 22012/)],
    ],
    [
      "",
      `places: { where: "bad sql {tenant}" },`,
      [
        {
          subject: "tables: places",
          reason: {
            code: "FILTER_FAILS",
            said: expect.stringMatching(/syntax error at or near "sql"/),
          },
        },
      ],
    ],
  ])("SQL of the rules that cannot work: %s %s", async (columns, tables, problems) => {
    stage.rules(
      zooRules
        .replace("columns: {", `columns: { ${columns}${columns && ","}`)
        .replace("tables: {", `tables: { ${tables}`),
    );
    for (const args of [["--plan"], ["--yes"]]) {
      const { status, stdout } = await stage.refresh(stage.production, [...args, "--json"]);
      expect(status).toBe(3);
      const error = errorOf(stdout);
      expect(error).toMatchObject({ code: "CONFIG_INVALID", reason: "PLAN_REFUSED" });
      const bySubject = (one: { subject: string }, other: { subject: string }) =>
        one.subject < other.subject ? -1 : 1;
      const found = error.problems as { subject: string }[];
      expect(found.sort(bySubject)).toMatchObject([...problems].sort(bySubject));
    }
    stage.rules(zooRules);
    expect(await stage.branches()).toEqual(["dev-kim-local", "main"]);
  });

  test("a role from which row security hides rows", async () => {
    const url = await stage.variant(`
      create role hidden login password 'hidden'; grant select on all tables in schema public to hidden;`);
    const login = Object.assign(new URL(url), { username: "hidden", password: "hidden" }).href;
    const { status, stdout } = await stage.refresh(login, ["--yes", "--json"]);
    const reason = { code: "ROW_SECURITY" };
    expect({ status, error: errorOf(stdout) }).toMatchObject({
      status: 6,
      error: refused("vaults", reason),
    });
    expect(await stage.contents()).toBe(empty);
  });
});

describe("the organization's closure", () => {
  beforeAll(async () => {
    expect(await stage.refresh(stage.production)).toMatchObject({ status: 0 });
  });

  test("one tenant; users who are needed, whichever organizations they belong to; no other's memberships", async () => {
    expect(await ids("orgs")).toBe("1");
    expect(await ids("users")).toBe("1 2 7 9");
    expect(await stage.rows("select * from memberships order by user_id")).toEqual([
      { org_id: "1", user_id: "1" },
      { org_id: "1", user_id: "2" },
    ]);
  });

  test("rows that need each other, owned and shared; a chain of 10,000", async () => {
    expect(await ids("hens")).toBe("1 2");
    expect(await ids("eggs")).toBe("1 2");
    expect(await ids("machines")).toBe("1");
    expect(await ids("engines")).toBe("1");
    expect(
      await stage.rows("select count(*)::int, min(id)::int, max(id)::int from folders"),
    ).toEqual([{ count: 10_000, min: 1, max: 10_000 }]);
  });

  test("a key of two columns, one of them NULL: the row is kept, and needs no parent", async () => {
    expect(await ids("visits")).toBe("1 2 3");
    expect(await ids("places")).toBe("1");
  });

  test("pairs of type and id lead to the rows that they name", async () => {
    expect(await ids("notes")).toBe("1 2 3");
    expect(await stage.rows("select from users where id = 7")).toHaveLength(1);
  });

  test("identities are kept, generated columns computed, and the next INSERT works everywhere", async () => {
    expect(await ids("comments")).toBe("1 2 3");
    expect(await stage.rows("select from comments where body_length <> length(body)")).toEqual([]);
    const inserted = await stage.onMain(async (client) => {
      await client.query("begin");
      const { rows } = await client.query(`
        with c as (insert into comments (org_id, author_id, body) values (1, 1, 'new') returning id),
          o as (insert into orders (org_id) values (1) returning id),
          i as (insert into invoices (org_id) values (1) returning id)
        select (select id from c) as comment, (select id from o) as "order", (select id from i) as invoice`);
      await client.query("rollback");
      return rows[0];
    });
    expect(Number(inserted.comment)).toBeGreaterThan(3);
    expect(Math.min(Number(inserted.order), Number(inserted.invoice))).toBeGreaterThan(101);
  });

  test("no trigger fired; row security, triggers, partitions and indexes are what they were", async () => {
    expect(await stage.rows("select * from fired")).toEqual([]);
    expect((await stage.onMain(schemaLines)).join("\n")).toBe(
      empty
        .split("\n")
        .slice(-(await stage.onMain(schemaLines)).length)
        .join("\n"),
    );
    expect(
      await stage.rows(
        "select tableoid::regclass::text as part, count(*)::int from events group by 1 order by 1",
      ),
    ).toEqual([
      { part: "events_2025", count: 109 },
      { part: "events_other", count: 91 },
    ]);
    expect(await stage.rows("select id::int, secret from vaults")).toEqual([
      { id: 1, secret: null },
    ]);
  });

  test("the same mask everywhere, unique, NULL kept; nothing personal arrives", async () => {
    const [row] = await stage.rows<Record<string, string>>(`
      select (select email from users where id = 1) as column, (select email from users where id = 2) as other,
        (select meta->'from'->>'email' from comments where id = 1) as nested,
        (select meta->'cc'->0->>'email' from comments where id = 2) as element`);
    expect(row?.column).toMatch(/@example\.(com|org|net)$/);
    expect(row).toMatchObject({ nested: row?.column, element: row?.column });
    expect(row?.other).not.toBe(row?.column);
    expect(await stage.rows("select phone from users where id = 2")).toEqual([{ phone: null }]);
    const personal = /real\w*|\+49 30|203\.0\.113\.9|sesame/i;
    expect((await stage.onMain(allRows)).filter((line) => personal.test(line))).toEqual([]);
  });
});

describe("a comment that answers one of another organization", () => {
  let url: string;
  beforeAll(async () => {
    url = await stage.variant(
      "insert into comments (org_id, author_id, reply_to, body) values (1, 1, 4, 'crossing')",
    );
  });

  test("stops, and names constraint and row", async () => {
    const before = await stage.contents();
    const branches = await stage.branches();
    const { status, stdout } = await stage.refresh(url, ["--yes", "--json"]);
    expect({ status, error: errorOf(stdout) }).toMatchObject({
      status: 6,
      error: {
        reason: "CROSS_TENANT_REFERENCE",
        constraint: expect.stringMatching(/comments_reply_to/),
        rows: [{ key: ["6"] }],
        outcome: "unchanged",
      },
    });
    expect(await stage.contents()).toBe(before);
    expect(await stage.branches()).toEqual(branches);
  });

  test("policy null: the reference is emptied, the other's comment stays away", async () => {
    stage.rules(zooRules.replace(/}$/, `crossTenant: { "comments.reply_to": "null" } }`));
    expect(await stage.refresh(url)).toMatchObject({ status: 0 });
    stage.rules(zooRules);
    expect(await stage.rows("select id::int, reply_to::int from comments order by id")).toEqual([
      { id: 1, reply_to: null },
      { id: 2, reply_to: 1 },
      { id: 3, reply_to: 2 },
      { id: 6, reply_to: null },
    ]);
  });
});

test("a writer who inserts parents and children all the while leaves nothing dangling", async () => {
  const url = await stage.variant("select 1");
  const writer = writing(url);
  const { status, stderr } = await stage.refresh(url);
  const pairs = await writer.end();
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(pairs).toBeGreaterThan(3);
  expect(
    await stage.rows(`select from notes n where subject_type = 'comment'
      and not exists (select from comments where id = subject_id)`),
  ).toEqual([]);
});

test("a column that is new in production: classified and migrated, it comes along masked", async () => {
  const url = await stage.variant(`alter table users add ssn text unique;
    update users set ssn = '078-05-112' || (id % 10) where id <> 2;
    update comments set meta = jsonb_build_object('ssn', (select ssn from users where id = 1)) where id = 1`);
  stage.project.migrations.add("0001_ssn", "alter table users add ssn text unique");
  const { status, stdout } = await stage.refresh(url, ["--yes", "--json"]);
  expect({ status, error: errorOf(stdout) }).toMatchObject({
    status: 6,
    error: refused("users.ssn", { code: "UNCLASSIFIED" }),
  });
  await stage.run(["db", "migrate", "--target", "main", "--no-rehearse"]);
  stage.rules(
    zooRules
      .replace("columns: {", `columns: { "users.ssn": mask.token(),`)
      .replace("mask.json({", "mask.json({ ssn: mask.token(),"),
  );
  expect(await stage.refresh(url)).toMatchObject({ status: 0 });
  const [row] = await stage.rows<Record<string, string>>(`
    select count(ssn)::int as known, count(distinct ssn)::int as different, (array_agg(ssn) filter (where id = 2))[1] as none,
      (array_agg(ssn) filter (where id = 1))[1] as one, (select meta->>'ssn' from comments where id = 1) as copied
    from users`);
  expect(row).toMatchObject({ known: 3, different: 3, none: null, copied: row?.one });
  expect(row?.one).not.toContain("078");
});

describeWith(debianPostgres, "an older server", (bin) => {
  const servers = new DebianPostgres(bin);
  afterAll(() => servers.stop());

  test("its hot standby as production: nothing can be written there at all", async () => {
    const primary = await servers.primary();
    await withPostgres(primary, { what: "production" }, async (client) => {
      await client.query("alter database postgres set zoo.place = 'production'");
      await client.query(`${zooSchema}\n${zooData}`);
    });
    const standby = await servers.standbyOf(primary);
    stage.rules(zooRules);
    expect(await stage.refresh(standby, ["--yes", "-o", "2"])).toMatchObject({ status: 0 });
    expect(await ids("orgs")).toBe("2");
    expect(await ids("users")).toBe("1 3 9");
    expect(await ids("comments")).toBe("4 5");
    expect(await ids("folders")).toBe("20000");
  });
});

/** Inserts a comment, an answer and a note on it in one transaction, over and over. */
function writing(url: string) {
  let ended = false;
  const done = (async () => {
    return await withPostgres(url, { what: "the writer" }, async (client) => {
      let pairs = 0;
      for (; !ended; pairs += 1) {
        await client.query(`
          with c as (insert into comments (org_id, author_id, body) values (1, 1, 'written') returning id)
          insert into notes select id + 1000, 1, 'comment', id, '' from c`);
      }
      return pairs;
    });
  })();
  return {
    end: () => {
      ended = true;
      return done;
    },
  };
}

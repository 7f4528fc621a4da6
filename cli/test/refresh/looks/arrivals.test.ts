import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mask } from "../../../src/config/define/masks.ts";
import { completeConfig } from "../../../src/config/project-config.ts";
import { connectPostgres, withPostgres } from "../../../src/postgres/io/connect.ts";
import type { Arrivals } from "../../../src/refresh/arrives/arrivals.ts";
import { lookAtArrivals } from "../../../src/refresh/arrives/io/look-at-arrivals.ts";
import { arrivalsBrief, arrivalsText } from "../../../src/refresh/arrives/text.ts";
import { copyData } from "../../../src/refresh/copy/io/copy-data.ts";
import { beginLooking } from "../../../src/refresh/copy/io/sessions.ts";
import { makePlan } from "../../../src/refresh/plan/io/make-plan.ts";
import { type PostgresServer, startPostgres } from "../../helpers/postgres-server.ts";
import { silentPhases } from "../../helpers/refresh/plan.ts";

// What arrives of others, told beforehand: 100,000 rows of two organizations, of which 1 in 20 refers to the other
// one's, by a foreign key, by a reference that only the rules know, and by a pair of type and id.

const schema = `
create table organizations (id int primary key);
create table plans (code text primary key, title text, owner text);
create table users (id int primary key, login text not null);
create table topics (id int primary key, organization_id int not null references organizations);
create table posts (id int primary key, organization_id int not null references organizations, author_id int references users, plan text references plans,
  topic_id int constraint posts_topic references topics, soft_topic_id int, subject_type text not null, subject_id int, kind text, extra jsonb);
create table notices (id int primary key, organization_id int references organizations, words text);
`;
const production = `
insert into organizations values (1), (2);
insert into plans values ('free', 'Free', 'nobody'), ('pro', 'Pro', 'nobody'), ('b', 'Only of b', 'Jane Doe'), ('old', 'Old', null);
insert into users select n, 'user' || n || '@corp.example' from generate_series(1, 1000) n;
insert into topics select n, 1 + n % 2 from generate_series(1, 2000) n;
insert into posts
  select n, 1 + n % 2, case when n % 10 = 0 then null else 1 + n % 900 end, case when n % 2 = 0 then (array['free', 'pro'])[1 + n % 3 % 2] else (array['free', 'b'])[1 + n % 3 % 2] end,
    own(n, 20), own(n, 21), case when n % 3 = 0 then 'user' else 'topic' end, case when n % 3 = 0 then 1 + n % 1000 else own(n, 22) end,
    (array['note', 'idea'])[1 + n % 2], jsonb_build_object('tel', '+49 30 1234' || 100 + n % 800, 'n', n)
  from generate_series(1, 100000) n;
insert into notices select n, case when n % 3 < 2 then 1 + n % 3 end, 'words' from generate_series(1, 300) n;
analyze;
`;
/** A topic of the post's organization; in 1 of 20 posts, in each way at other ones, of the other one. */
const own = `create function own(n int, salt int) returns int language sql as
  $$ select 2 + 2 * ((n * salt) % 999) + (n % 2) * 1 - case when (n / 2) % 20 = salt % 20 then (n % 2) * 2 - 1 else 0 end $$;`;

const rules = {
  from: "prod",
  tenant: { table: "organizations", column: "organization_id", demo: "1" },
  tables: { users: "shared", plans: "reference", notices: { nullTenant: "all" } },
  columns: {
    "users.login": mask.email(),
    "plans.owner": mask.name(),
    "posts.kind": mask.keep(),
    "posts.extra": mask.keep(),
    "notices.words": mask.text(),
  },
  references: {
    "posts.soft_topic_id": { to: "topics.id" },
    "posts.subject_id": { type: "subject_type", to: { topic: "topics.id", user: "users.id" } },
  },
} as const;

let server: PostgresServer;
let client: Client;
beforeAll(async () => {
  server = await startPostgres();
  const admin = await connectPostgres(server.adminUrl(), { what: "the server" });
  await admin.query("create database source");
  await admin.end();
  client = await connectPostgres(server.adminUrl("source"), { what: "production" });
  await client.query(`${schema}${own}${production}`);
});
afterAll(async () => {
  await client?.end();
  await server?.stop();
});

let count = 0;
async function emptyMain(): Promise<string> {
  count += 1;
  await client.query(`create database main_${count}`);
  const url = server.adminUrl(`main_${count}`);
  await withPostgres(url, { what: "main" }, (main) => main.query(schema));
  return url;
}

const settingsOf = (more: object) => {
  const { refresh } = completeConfig(
    { project: "p", refresh: { ...rules, ...more } as never },
    "/",
    undefined,
  );
  if (!refresh) throw new Error("no rules");
  return { rules: refresh, without: [] };
};

async function arrivalsOf(more: object = {}): Promise<Arrivals> {
  const settings = settingsOf(more);
  const main = await emptyMain();
  return withPostgres(server.adminUrl("source"), { what: "production" }, async (source) => {
    await beginLooking(source, { tenant: "1", maskKey: "" });
    const made = await withPostgres(main, { what: "main" }, (target) =>
      makePlan(source, target, settings),
    );
    expect(made.problems).toEqual([]);
    return lookAtArrivals(source, { ...made, rules: settings.rules });
  });
}

/** The copy itself, and what is on main then. */
async function copied(
  more: object,
): Promise<{ report: unknown; ask: (sql: string) => Promise<number> }> {
  const settings = settingsOf(more);
  const main = await emptyMain();
  const plan = await withPostgres(server.adminUrl("source"), { what: "production" }, (source) =>
    withPostgres(main, { what: "main" }, (target) => makePlan(source, target, settings)),
  );
  const database = (url: string) => ({ connect: () => connectPostgres(url, { what: "it" }) });
  const report = await copyData(
    {
      plan: plan.plan,
      source: database(server.adminUrl("source")),
      target: database(main),
      values: { tenant: "1", maskKey: "a key for the masks of a test" },
      streams: 2,
    },
    silentPhases,
    new AbortController().signal,
  );
  const ask = (sql: string) => withPostgres(main, { what: "main" }, (target) => asked(target, sql));
  return { report, ask };
}

const asked = async (on: Client, sql: string): Promise<number> =>
  Number((await on.query({ text: sql, rowMode: "array" })).rows[0]?.[0]);

/** Posts of organization 1 whose topic is of organization 2, by SQL that knows nothing of plans. */
const crossing = (column: string, and = "true") =>
  asked(
    client,
    `select count(*) from posts p join topics t on t.id = p.${column} where p.organization_id = 1 and t.organization_id <> 1 and ${and}`,
  );

describe("what is told beforehand", () => {
  let found: Arrivals;
  beforeAll(async () => {
    found = await arrivalsOf();
  });
  const table = (name: string) => found.tables.find((each) => each.table === name);

  test("rows that refer to the other organization's, in numbers", async () => {
    const expected = {
      posts_topic: await crossing("topic_id"),
      "posts.soft_topic_id": await crossing("soft_topic_id"),
      "posts.subject_id (topic)": await crossing("subject_id", "p.subject_type = 'topic'"),
    };
    const numbers = found.crossings
      .filter(({ others }) => others)
      .map(({ name, others }) => [name, others]);
    expect(Object.fromEntries(numbers)).toEqual(expected);
    for (const rows of Object.values(expected)) expect(rows).toBeGreaterThan(1000);
  });

  test("rows of tables for everybody, of shared ones, and of nobody", async () => {
    expect(table("plans")).toMatchObject({
      rows: { rows: 4, exact: true },
      others: await asked(
        client,
        `select count(*) from plans p where exists (select from posts where plan = code and organization_id = 2)
         and not exists (select from posts where plan = code and organization_id = 1)`,
      ),
      nobodys: 1,
      tenants: 2,
    });
    const mine = (organization: number) =>
      `(exists (select from posts where author_id = u.id and organization_id = ${organization}) or exists (
        select from posts where subject_type = 'user' and subject_id = u.id and organization_id = ${organization}))`;
    expect(table("users")).toMatchObject({
      rows: {
        rows: await asked(client, `select count(*) from users u where ${mine(1)}`),
        exact: true,
      },
      others: await asked(client, `select count(*) from users u where ${mine(1)} and ${mine(2)}`),
    });
    expect(table("notices")).toMatchObject({
      rows: { rows: 200, exact: true },
      others: 0,
      nobodys: 100,
    });
    expect(table("topics")).toMatchObject({ rows: undefined, others: undefined });
  });

  test("columns that nothing masks, with what their values look like", () => {
    const { unmasked = [] } = table("posts") ?? {};
    expect(unmasked).toContainEqual(
      expect.objectContaining({ column: "kind", why: "keep", values: 400, shapes: {} }),
    );
    expect(unmasked).toContainEqual(
      expect.objectContaining({ column: "extra", why: "keep", paths: { tel: { phone: 1 } } }),
    );
    expect(table("plans")?.unmasked.map(({ column }) => column)).toEqual(["code", "title"]);
  });

  test("as text, whole and in brief, without any value", () => {
    const whole = arrivalsText(found, true);
    const brief = arrivalsBrief(found);
    expect(whole).toContain("posts.extra");
    expect(brief.join("\n")).toContain("posts.extra (phone");
    expect(brief.length).toBeLessThan(20);
    expect(`${whole}${brief.join()}`).not.toMatch(/corp|\+49|Only of|Jane/);
  });
});

describe("what becomes of rows that refer to the other organization's", () => {
  test("fail: all of them are named and counted at once, with no key that may be a value", async () => {
    const failure = await copied({}).catch((error: unknown) => error);
    expect(failure).toMatchObject({ reason: "CROSS_TENANT_REFERENCE" });
    const { crossings } = (failure as { details: { crossings: object[] } }).details;
    expect(crossings).toEqual(
      expect.arrayContaining([
        {
          constraint: "posts.soft_topic_id",
          table: "posts",
          parent: "topics",
          rows: await crossing("soft_topic_id"),
        },
        {
          constraint: "posts_topic",
          table: "posts",
          parent: "topics",
          rows: await crossing("topic_id"),
        },
        {
          constraint: "posts.subject_id (topic)",
          table: "posts",
          parent: "topics",
          rows: await crossing("subject_id", "p.subject_type = 'topic'"),
        },
      ]),
    );
  });

  test("null: exactly these are emptied", async () => {
    const { report, ask } = await copied({ crossTenant: "null" });
    for (const [column, where] of [
      ["topic_id", "true"],
      ["soft_topic_id", "true"],
      ["subject_id", "p.subject_type = 'topic'"],
    ] as const) {
      expect(await ask(`select count(*) from posts where ${column} is null`)).toBe(
        await crossing(column, where),
      );
    }
    expect(await ask("select count(*) from topics where organization_id <> 1")).toBe(0);
    expect((report as { emptied: unknown[] }).emptied).toHaveLength(3);
  });

  test("allow: the other one's topics come, and nothing else of it", async () => {
    const allow = {
      "posts.topic_id": "allow",
      "posts.soft_topic_id": "allow",
      "posts.subject_id": "allow",
    };
    // Another organization's row refers to it: that one comes as well.
    const { ask } = await copied({ crossTenant: { ...allow, "topics.organization_id": "allow" } });
    const expected = await asked(
      client,
      `select count(distinct t.id) from posts p join topics t on t.id in (p.topic_id, p.soft_topic_id, case when p.subject_type = 'topic' then p.subject_id end)
       where p.organization_id = 1 and t.organization_id <> 1`,
    );
    expect(await ask("select count(*) from topics where organization_id <> 1")).toBe(expected);
    expect(await ask("select count(*) from posts where organization_id <> 1")).toBe(0);
  });
});

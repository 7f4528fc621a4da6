import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Checkout } from "../support/checkout.ts";
import { query } from "../support/database.ts";
import { mark, marks } from "../support/marks.ts";
import { ended } from "../support/run.ts";
import { Sandbox } from "../support/sandbox.ts";

/** Rows that belong to an organization, by table: what main has to hold, and no row more. */
const owned: Record<string, string> = {
  organizations: "id = $1",
  memberships: "organization_id = $1",
  boards: "organization_id = $1",
  items: "organization_id = $1",
  item_watchers: "item_id in (select id from items where organization_id = $1)",
  comments: "item_id in (select id from items where organization_id = $1)",
  attachments: "organization_id = $1",
  notifications: "organization_id = $1",
  plans: "$1::text is not null",
  // Guests are of other organizations, and some have left: whoever a row refers to.
  users: `id in (
    select user_id from memberships where organization_id = $1
    union select created_by from boards where organization_id = $1
    union select created_by from items where organization_id = $1
    union select assignee_id from items where organization_id = $1
    union select w.user_id from item_watchers w join items i on i.id = w.item_id where i.organization_id = $1
    union select c.author_id from comments c join items i on i.id = c.item_id where i.organization_id = $1
    union select uploaded_by from attachments where organization_id = $1
    union select user_id from notifications where organization_id = $1)`,
};

/** Row count and ids of each table. */
async function contents(url: string, organization?: string): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const [table, condition] of Object.entries(owned)) {
    const key = {
      memberships: "organization_id || user_id",
      item_watchers: "item_id || '/' || user_id",
      plans: "code",
    };
    const id = key[table as keyof typeof key] ?? "id";
    const where = organization === undefined ? "" : `where ${condition}`;
    [found[table]] = await query(
      url,
      `select count(*)::int as rows, md5(string_agg((${id})::text, ',' order by (${id})::text)) as ids from ${table} ${where}`,
      organization === undefined ? [] : [organization],
    );
  }
  return found;
}

/** Everything in the tables, as one text. */
async function dump(url: string): Promise<string> {
  const parts = Object.keys(owned).map((table) =>
    query<{ text: string }>(
      url,
      `select string_agg(t::text, chr(10) order by t::text) as text from ${table} t`,
    ),
  );
  return (await Promise.all(parts)).map(([row]) => row?.text).join("\n");
}

// From a fresh set-up on: production's data of one organization become the staging data.
describe("refresh-staging", () => {
  const sandbox = new Sandbox();
  let checkout: Checkout;
  let main: string;
  let production: string;
  let staging: string;
  let mine: string;

  beforeAll(async () => {
    checkout = sandbox.readyCheckout("one");
    await checkout.ds(["setup", "--developer", "one"]);
    main = (await checkout.ds(["db", "url", "--target", "main"])).stdout.trim();
    staging = await dump(main);
    await mark(checkout.url(), "mine");
    mine = await dump(checkout.url());
  });
  afterAll(() => sandbox.close(checkout));

  test("production is not there before, and its status says what makes it", async () => {
    const { stderr } = await checkout.ds(["db", "status", "--target", "prod"], 4);
    expect(stderr).toMatch(/no project "devstride-prod".*ds db refresh-staging/s);
  });

  test("nobody agrees: nothing is done", async () => {
    await checkout.ds(["db", "refresh-staging"], 2);
    expect(await dump(main)).toBe(staging);
  });

  test("main holds exactly the demo organization", async () => {
    const result = ended(await checkout.run(["db", "refresh-staging", "--yes"]), 0);
    expect(result.stdout + result.stderr).not.toMatch(/npg_\w+/);
    production = (await checkout.ds(["db", "url", "--target", "prod"])).stdout.trim();
    expect(await contents(main)).toEqual(await contents(production, "org_demo"));
    expect(await query(production, "select count(*)::int > 10 as many from organizations")).toEqual(
      [{ many: true }],
    );
  });

  test("no name, address or number of production is on main", async () => {
    const values = await query<{ value: string }>(
      production,
      `select distinct value from (
         select full_name from users union all select email from users union all select phone from users
         union all select billing_email from organizations union all select custom_fields->>'contact' from items
         union all select host(uploaded_from) from attachments) v(value) where value is not null`,
    );
    expect(values.length).toBeGreaterThan(3000);
    const text = await dump(main);
    expect(values.filter(({ value }) => text.includes(value))).toEqual([]);
  });

  test("one person has one mask, in the table and in every copy", async () => {
    const strangers = await query(
      main,
      `(select payload->'actor'->>'email', payload->'actor'->>'name' from notifications
        except select email, full_name from users)
       union all (select custom_fields->>'contact', '' from items where custom_fields ? 'contact'
        except select email, '' from users)`,
    );
    expect(strangers).toEqual([]);
    const [users] = await query<{ same: boolean }>(
      main,
      "select count(*) = count(distinct email) and count(phone) < count(*) as same from users",
    );
    expect(users?.same).toBe(true);
  });

  test("a developer's branch is untouched; a new one has the new data; reset brings it to the old one", async () => {
    expect(await marks(checkout.url())).toEqual(["mine"]);
    expect(await dump(checkout.url())).toBe(mine);
    await checkout.ds(["setup", "--developer", "two"]);
    expect(await contents(checkout.url())).toEqual(await contents(main));
    await checkout.ds(["setup", "--developer", "one"]);
    const behind = /main got other data .*; to have it here: ds db reset/;
    expect((await checkout.ds(["db", "status"])).stdout).toMatch(behind);
    await checkout.ds(["db", "reset", "--yes"]);
    expect((await checkout.ds(["db", "status"])).stdout).not.toMatch(behind);
    expect(await contents(checkout.url())).toEqual(await contents(main));
  });

  test("another organization with -o, and --undo brings the demo one back", async () => {
    const demo = await dump(main);
    await checkout.ds(["db", "refresh-staging", "-o", "org_0003", "--yes"]);
    expect(await contents(main)).toEqual(await contents(production, "org_0003"));
    await checkout.ds(["db", "refresh-staging", "--undo", "--yes"]);
    expect(await dump(main)).toBe(demo);
    await checkout.ds(["db", "refresh-staging", "-o", "org_none", "--yes"], 4);
    expect(await dump(main)).toBe(demo);
  });
});

import { Pool as NeonPool, neon, neonConfig } from "@neondatabase/serverless";
import { and, count, desc, eq, sql } from "drizzle-orm";
import { drizzle as overHttp } from "drizzle-orm/neon-http";
import { drizzle as overWebSocket } from "drizzle-orm/neon-serverless";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import ws from "ws";
import { boards } from "../../backend/src/modules/board/infrastructure/persistence/board.sql-entity.ts";
import { items } from "../../backend/src/modules/item/infrastructure/persistence/item.sql-entity.ts";
import { organizations } from "../../backend/src/modules/organization/infrastructure/persistence/organization.sql-entity.ts";
import { users } from "../../backend/src/modules/user/infrastructure/persistence/user.sql-entity.ts";
import type { Checkout } from "../support/checkout.ts";
import { query } from "../support/database.ts";
import { Sandbox } from "../support/sandbox.ts";

/** An application on Neon's serverless driver and Drizzle, with the sample backend's tables. */

// The two lines of the README; the third is for Node before 22, which has no WebSocket of its own.
neonConfig.fetchEndpoint = (host, port) => `http://${host}:${port}/sql`;
Object.assign(neonConfig, {
  wsProxy: (h: string, p: number) => `${h}:${p}/v2`,
  useSecureWebSocket: false,
});
neonConfig.webSocketConstructor = ws;

const sandbox = new Sandbox({ seeded: true });
let checkout: Checkout;

beforeAll(async () => {
  checkout = sandbox.readyCheckout("checkout");
  await checkout.ds(["setup", "--developer", "one"]);
});

afterAll(() => sandbox.close(checkout));

type Database = PgDatabase<PgQueryResultHKT>;

describe.each<[name: string, open: (url: string) => { db: Database; close(): Promise<void> }]>([
  ["neon-http", (url) => ({ db: overHttp({ client: neon(url) }), close: async () => {} })],
  [
    "neon-serverless",
    (url) => {
      const pool = new NeonPool({ connectionString: url });
      return { db: overWebSocket({ client: pool }), close: () => pool.end() };
    },
  ],
])("drizzle-orm/%s", (name, open) => {
  test("reads, joins, writes and errors", async () => {
    const { db, close } = open(checkout.url());
    const [seeded] = await db.select({ n: count() }).from(items);
    const [direct] = await query<{ n: number }>(
      checkout.url(),
      "select count(*)::int as n from items",
    );
    expect(seeded?.n).toBe(direct?.n);
    expect(seeded?.n).toBeGreaterThan(0);

    const [place] = await db
      .select({ board: boards.id, organization: organizations.id, user: users.id })
      .from(boards)
      .innerJoin(organizations, eq(boards.organizationId, organizations.id))
      .innerJoin(users, sql`true`)
      .orderBy(desc(boards.id))
      .limit(1);
    if (!place) throw new Error("there is no board among the staging data");

    const title = `by ${name}`;
    const value = {
      organizationId: place.organization,
      boardId: place.board,
      createdBy: place.user,
      title,
      dueOn: "2026-12-24",
      customFields: { effort: 3, 'with "quotes"': "a, {b}" },
    };
    const [made] = await db.insert(items).values(value).returning();
    expect(made).toMatchObject({ ...value, status: "backlog", assigneeId: null });
    expect(made?.createdAt).toBeInstanceOf(Date);
    expect(Math.abs(Date.now() - Number(made?.createdAt))).toBeLessThan(600_000);

    const mine = and(eq(items.title, title), eq(items.boardId, place.board));
    await db.update(items).set({ status: "done", priority: 3 }).where(mine);
    expect(await db.select().from(items).where(mine)).toEqual([
      { ...made, status: "done", priority: 3 },
    ]);
    await expect(db.insert(items).values({ ...value, boardId: 2 ** 40 })).rejects.toMatchObject({
      cause: { code: "23503", table: "items" },
    });
    await close();
  });
});

test("neon-http: a batch is one transaction", async () => {
  const db = overHttp({ client: neon(checkout.url()) });
  const named = (id: string) => ({ id, name: id, billingEmail: "a@example.com", planCode: "nope" });
  const rename = db.update(organizations).set({ name: "renamed" });
  await expect(
    db.batch([rename, db.insert(organizations).values(named("org_new"))]),
  ).rejects.toMatchObject({ code: "23503" });
  const renamed = eq(organizations.name, "renamed");
  expect(await db.select().from(organizations).where(renamed)).toEqual([]);
});

test("neon-serverless: an interactive transaction, rolled back", async () => {
  const pool = new NeonPool({ connectionString: checkout.url() });
  const db = overWebSocket({ client: pool });
  await expect(
    db.transaction(async (tx) => {
      await tx.update(organizations).set({ name: "renamed" });
      const [row] = await tx.select({ name: organizations.name }).from(organizations).limit(1);
      expect(row?.name).toBe("renamed");
      tx.rollback();
    }),
  ).rejects.toThrow("Rollback");
  const renamed = eq(organizations.name, "renamed");
  expect(await db.select().from(organizations).where(renamed)).toEqual([]);
  await pool.end();
});

test("`ds db reset` in the middle: the same URL goes on, with main's rows", async () => {
  const db = overHttp({ client: neon(checkout.url()) });
  await db.update(organizations).set({ name: "mine" });
  await checkout.ds(["db", "reset", "--yes"]);
  const mine = eq(organizations.name, "mine");
  expect(await db.select().from(organizations).where(mine)).toEqual([]);
});

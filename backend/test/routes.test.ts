import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../../scripts/test-support/needs.ts";
import { createApp } from "../src/app.ts";
import { loadSeed } from "../src/seed/load.ts";
import { type Connection, connect } from "../src/shared/database.ts";
import {
  applyMigrations,
  createDatabase,
  query,
  type TestDatabase,
  withClient,
} from "./test-database.ts";
import { postgresServer, startServer, type TestServer } from "./test-server.ts";

describeWith(postgresServer, "routes", () => {
  let server: TestServer;
  let database: TestDatabase;
  let connection: Connection;
  let app: ReturnType<typeof createApp>;
  /** Two members of org_demo, and an open board of it. */
  let ann: number;
  let bo: number;
  let board: number;

  beforeAll(async () => {
    server = await startServer();
    database = await createDatabase(server);
    await applyMigrations(database.url);
    await withClient(database.url, (client) =>
      loadSeed(client, { rows: 5_000, firstId: 1, replace: false, onProgress: () => undefined }),
    );
    connection = connect(database.url);
    app = createApp(connection.database);
    const [found] = await query(
      database.url,
      `SELECT min(user_id)::int AS ann, max(user_id)::int AS bo,
         (SELECT min(id)::int FROM boards WHERE organization_id = 'org_demo' AND archived_at IS NULL) AS board
       FROM memberships WHERE organization_id = 'org_demo' AND role <> 'guest'`,
    );
    ({ ann, bo, board } = found);
  });

  afterAll(async () => {
    await connection?.close();
    await database?.drop();
    await server?.stop();
  });

  async function call(method: string, url: string, body?: unknown) {
    const response = await app.request(url, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: a test states the shape by what it expects
    return { status: response.status, body: (await response.json()) as any };
  }

  const get = (url: string) => call("GET", url);
  const post = (url: string, body?: unknown) => call("POST", url, body);

  test("health names the database that answered", async () => {
    const name = new URL(database.url).pathname.slice(1);
    expect(await get("/health")).toMatchObject({
      status: 200,
      body: { status: "ok", database: name },
    });
  });

  test("health is 503 when the database does not answer", async () => {
    const nowhere = connect("postgres://nobody:secret@127.0.0.1:1/none");
    const response = await createApp(nowhere.database).request("/health");
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain("secret");
    await nowhere.close();
  });

  test("an organization, its members and a member's profile", async () => {
    expect((await get("/organizations/org_demo")).body).toMatchObject({ name: "Demo Company" });
    const { members } = (await get("/organizations/org_demo/members")).body;
    expect(members.map(({ userId }: { userId: number }) => userId)).toEqual(
      expect.arrayContaining([ann, bo]),
    );
    expect((await get(`/users/${ann}`)).body).toMatchObject({
      id: ann,
      organizations: expect.arrayContaining([expect.objectContaining({ id: "org_demo" })]),
    });
  });

  test("a person of another organization joins as the same user, once", async () => {
    const person = { fullName: "Cleo", email: "Cleo@Example.com" };
    const first = await post("/organizations/org_demo/members", person);
    const second = await post("/organizations/org_0001/members", {
      ...person,
      email: "cleo@example.com",
    });
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body.userId).toBe(first.body.userId);
    expect(await post("/organizations/org_demo/members", person)).toMatchObject({
      status: 409,
      body: { error: { message: "cleo@example.com is already a member of org_demo." } },
    });
  });

  test("a full plan takes nobody, even when invitations come at once", async () => {
    await query(
      database.url,
      `UPDATE plans SET max_members = 1 + (SELECT count(*) FROM memberships WHERE organization_id = 'org_0002')
       WHERE code = (SELECT plan_code FROM organizations WHERE id = 'org_0002')`,
    );
    const answers = await Promise.all(
      [1, 2, 3, 4].map((n) =>
        post("/organizations/org_0002/members", { fullName: "X", email: `x${n}@example.com` }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    const users = await query(database.url, "SELECT FROM users WHERE email LIKE 'x_@example.com'");
    expect(users).toHaveLength(1);
  });

  test("boards: archived ones only on request", async () => {
    await query(
      database.url,
      `UPDATE boards SET archived_at = now() WHERE id = (
      SELECT max(id) FROM boards WHERE organization_id = 'org_demo')`,
    );
    const open = (await get("/organizations/org_demo/boards")).body.boards;
    const all = (await get("/organizations/org_demo/boards?archived=true")).body.boards;
    expect(open.length).toBeLessThan(all.length);
    const archived = all.find((found: { archivedAt: string | null }) => found.archivedAt !== null);
    expect(
      await post(`/organizations/org_demo/boards/${archived.id}/items`, {
        title: "Too late",
        createdBy: ann,
      }),
    ).toMatchObject({ status: 409 });
  });

  test("all items of a board, page by page, newest first", async () => {
    const [{ total }] = await query(
      database.url,
      `SELECT count(*)::int AS total FROM items WHERE board_id = ${board}`,
    );
    const ids: number[] = [];
    let next: number | null = null;
    do {
      const before: string = next === null ? "" : `&before=${next}`;
      const page = await get(`/organizations/org_demo/boards/${board}/items?limit=7${before}`);
      ids.push(...page.body.items.map(({ id }: { id: number }) => id));
      next = page.body.next;
    } while (next !== null);
    expect(ids).toHaveLength(total);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
  });

  test("item, comment, reply: who is concerned is told, and can mark it read once", async () => {
    const item = await post(`/organizations/org_demo/boards/${board}/items`, {
      title: "  Ship it  ",
      createdBy: ann,
      assigneeId: bo,
      dueOn: "2026-12-24",
      customFields: { estimate: 3, urgent: true },
    });
    expect(item).toMatchObject({
      status: 201,
      body: {
        title: "Ship it",
        status: "backlog",
        dueOn: "2026-12-24",
        customFields: { estimate: 3, urgent: true },
      },
    });
    const commentsUrl = `/organizations/org_demo/items/${item.body.id}/comments`;
    const question = await post(commentsUrl, { authorId: bo, body: "When?" });
    const answer = await post(commentsUrl, {
      authorId: ann,
      body: "Today.",
      replyToId: question.body.id,
    });
    expect(answer.status).toBe(201);
    expect((await get(commentsUrl)).body.threads).toMatchObject([
      { body: "When?", replies: [{ body: "Today.", replies: [] }] },
    ]);

    const ofBo = `/organizations/org_demo/users/${bo}/notifications`;
    const { notifications } = (await get(`${ofBo}?unread=true&limit=2`)).body;
    expect(notifications).toMatchObject([
      { kind: "comment_added", commentId: answer.body.id, payload: { excerpt: "Today." } },
      { kind: "item_assigned", itemId: item.body.id },
    ]);
    const read = await post(`${ofBo}/${notifications[0].id}/read`);
    const again = await post(`${ofBo}/${notifications[0].id}/read`);
    expect(read.body.readAt).not.toBeNull();
    expect(again.body).toEqual(read.body);
    const unread = (await get(`${ofBo}?unread=true&limit=1`)).body.notifications;
    expect(unread).toMatchObject([{ id: notifications[1].id }]);
    expect(
      (await post(`/organizations/org_demo/users/${ann}/notifications/${notifications[1].id}/read`))
        .status,
    ).toBe(404);
  });

  test("a comment that cannot be announced is not stored", async () => {
    const [{ id }] = await query(
      database.url,
      `SELECT max(id)::int AS id FROM items WHERE organization_id = 'org_demo' AND created_by <> ${ann}`,
    );
    await query(
      database.url,
      `INSERT INTO item_watchers VALUES (${id}, ${bo}) ON CONFLICT DO NOTHING`,
    );
    await query(
      database.url,
      "ALTER TABLE notifications ADD CONSTRAINT never CHECK (false) NOT VALID",
    );
    const failed = await post(`/organizations/org_demo/items/${id}/comments`, {
      authorId: ann,
      body: "Lost?",
    });
    await query(database.url, "ALTER TABLE notifications DROP CONSTRAINT never");
    expect(failed).toEqual({
      status: 500,
      body: { error: { code: "internal", message: "The request could not be completed." } },
    });
    expect(await query(database.url, "SELECT FROM comments WHERE body = 'Lost?'")).toEqual([]);
  });

  test.each([
    ["GET", "/nowhere", undefined, 404],
    ["GET", "/organizations/org_none", undefined, 404],
    ["GET", "/organizations/org_none/boards", undefined, 404],
    ["GET", "/organizations/ORG'--", undefined, 400],
    ["GET", "/users/0", undefined, 400],
    ["GET", "/users/999999999999", undefined, 404],
    ["GET", "/organizations/org_demo/boards/BOARD/items?limit=101", undefined, 400],
    ["GET", "/organizations/org_demo/boards/BOARD/items?before=x", undefined, 400],
    ["GET", "/organizations/org_0001/boards/BOARD/items", undefined, 404],
    ["POST", "/organizations/org_demo/boards/BOARD/items", { createdBy: 1 }, 400],
    ["POST", "/organizations/org_demo/boards/BOARD/items", { title: "a\0b", createdBy: 1 }, 400],
    ["POST", "/organizations/org_demo/boards/BOARD/items", { title: "t", createdBy: 1, x: 1 }, 400],
    [
      "POST",
      "/organizations/org_demo/boards/BOARD/items",
      { title: "t", createdBy: 1, dueOn: "2026-02-30" },
      400,
    ],
    ["POST", "/organizations/org_demo/boards/BOARD/items", { title: "t", createdBy: 999_999 }, 403],
    ["POST", "/organizations/org_demo/items/1/comments", { authorId: 1, body: " " }, 400],
    [
      "POST",
      "/organizations/org_demo/items/1/comments",
      { authorId: 1, body: "b", replyToId: 999_999 },
      404,
    ],
    ["POST", "/organizations/org_demo/members", { fullName: "N", email: "no address" }, 400],
  ])("%s %s %j is %d", async (method, url, body, status) => {
    const answer = await call(method, url.replace("BOARD", String(board)), body);
    expect(answer.status).toBe(status);
    expect(answer.body.error.message).toMatch(/\S/);
  });

  test("a comment of another item cannot be answered", async () => {
    const [first, second] = await query(
      database.url,
      `SELECT i.id::int AS item, min(c.id)::int AS comment FROM items i JOIN comments c ON c.item_id = i.id
       WHERE organization_id = 'org_demo' GROUP BY 1 ORDER BY 1 LIMIT 2`,
    );
    const url = `/organizations/org_demo/items/${first.item}/comments`;
    expect(await post(url, { authorId: ann, body: "b", replyToId: second.comment })).toMatchObject({
      status: 400,
    });
  });
});

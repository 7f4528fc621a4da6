import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../../scripts/test-support/needs.ts";
import { type LoadOptions, loadSeed } from "../src/seed/load.ts";
import { TABLES } from "../src/seed/rows.ts";
import {
  applyMigrations,
  createDatabase,
  query,
  type TestDatabase,
  withClient,
} from "./test-database.ts";
import { postgresServer, startServer, type TestServer } from "./test-server.ts";

describeWith(postgresServer, "seed", () => {
  let server: TestServer;
  let database: TestDatabase;

  beforeAll(async () => {
    server = await startServer();
    database = await createDatabase(server);
  });
  afterAll(async () => {
    await database?.drop();
    await server?.stop();
  });

  const load = (options: Partial<LoadOptions> = {}) =>
    withClient(database.url, (client) =>
      loadSeed(client, {
        rows: 1_000,
        firstId: 1,
        replace: false,
        onProgress: () => undefined,
        ...options,
      }),
    );

  const fingerprint = async () => {
    const parts: string[] = [];
    for (const { name } of TABLES) {
      const [row] = await query(
        database.url,
        `SELECT md5(string_agg(t::text, E'\\n' ORDER BY t::text)) AS md5 FROM ${name} t`,
      );
      parts.push(`${name} ${row.md5}`);
    }
    return parts;
  };

  test("refuses a database without the tables", async () => {
    await expect(load()).rejects.toThrow("apply the migrations first");
  });

  test("fills every table, with the references checked and the identities ahead", async () => {
    await applyMigrations(database.url);
    const loaded = await load();
    expect(loaded.reduce((sum, { rows }) => sum + rows, 0)).toBe(1_000);
    for (const { name, rows } of loaded) {
      const [counted] = await query(database.url, `SELECT count(*)::int AS rows FROM ${name}`);
      expect(counted.rows, name).toBe(rows);
    }
    const unchecked = await query(
      database.url,
      "SELECT conname FROM pg_constraint WHERE contype = 'f' AND NOT (convalidated AND conenforced)",
    );
    expect(unchecked).toEqual([]);
    const [user] = await query(
      database.url,
      "INSERT INTO users (full_name, email) VALUES ('New', 'new@example.com') RETURNING id, (SELECT max(id) FROM users) AS before",
    );
    expect(Number(user.id)).toBe(Number(user.before) + 1);
  });

  test.each([
    [
      "users act where they are members",
      `WITH acting (organization_id, user_id) AS (
         SELECT organization_id, created_by FROM boards
         UNION SELECT organization_id, created_by FROM items
         UNION SELECT organization_id, assignee_id FROM items WHERE assignee_id IS NOT NULL
         UNION SELECT organization_id, user_id FROM item_watchers JOIN items ON items.id = item_id
         UNION SELECT organization_id, author_id FROM comments JOIN items ON items.id = item_id
         UNION SELECT organization_id, user_id FROM notifications
       )
       SELECT * FROM acting a WHERE NOT EXISTS (
         SELECT FROM memberships m
         WHERE m.organization_id = a.organization_id AND m.user_id = a.user_id)`,
    ],
    [
      "items lie on a board of their organization",
      "SELECT FROM items i JOIN boards b ON b.id = board_id WHERE i.organization_id <> b.organization_id",
    ],
    [
      "replies follow what they answer, on the same item",
      `SELECT FROM comments r JOIN comments c ON c.id = r.reply_to_id
       WHERE r.item_id <> c.item_id OR r.id <= c.id OR r.created_at < c.created_at`,
    ],
    [
      "comments are younger than their item",
      "SELECT FROM comments c JOIN items i ON i.id = item_id WHERE c.created_at < i.created_at",
    ],
    [
      "notifications tell of an item and comment that belong together",
      `SELECT FROM notifications n JOIN items i ON i.id = n.item_id LEFT JOIN comments c ON c.id = comment_id
       WHERE n.organization_id <> i.organization_id OR c.item_id <> n.item_id
         OR n.created_at < coalesce(c.created_at, i.created_at) OR payload->>'itemTitle' <> title
         OR (n.kind = 'comment_added') <> (c.id IS NOT NULL)`,
    ],
    [
      "attachments hang on an item or comment of their organization",
      `SELECT FROM attachments a
       LEFT JOIN comments c ON a.subject_type = 'comment' AND c.id = subject_id
       LEFT JOIN items i ON i.id = CASE a.subject_type WHEN 'item' THEN subject_id ELSE c.item_id END
       WHERE a.organization_id IS DISTINCT FROM i.organization_id`,
    ],
    [
      "an address in a payload is its owner's",
      `SELECT FROM notifications n WHERE NOT EXISTS (
         SELECT FROM users WHERE email = payload->'actor'->>'email' AND full_name = payload->'actor'->>'name')`,
    ],
  ])("loads a history that makes sense: %s", async (_rule, exceptions) => {
    expect(await query(database.url, exceptions)).toEqual([]);
  });

  test("has members, boards, replies and unread notifications in every organization", async () => {
    const poor = await query(
      database.url,
      `SELECT id FROM organizations o WHERE
         (SELECT count(*) FROM memberships WHERE organization_id = o.id) < 4
         OR NOT EXISTS (SELECT FROM boards WHERE organization_id = o.id AND archived_at IS NULL)
         OR NOT EXISTS (SELECT FROM comments c JOIN items i ON i.id = item_id
                        WHERE organization_id = o.id AND reply_to_id IS NOT NULL)
         OR NOT EXISTS (SELECT FROM notifications WHERE organization_id = o.id AND read_at IS NULL)`,
    );
    expect(poor).toEqual([]);
  });

  test("refuses tables that hold rows, and says how to replace them", async () => {
    const before = await fingerprint();
    await expect(load()).rejects.toThrow("--replace");
    expect(await fingerprint()).toEqual(before);
  });

  test("gives the same rows each time", async () => {
    await load({ replace: true });
    const first = await fingerprint();
    await load({ replace: true });
    expect(await fingerprint()).toEqual(first);
    await load({ replace: true, rows: 1_200 });
    expect(await fingerprint()).not.toEqual(first);
    await load({ replace: true, firstId: 50_000 });
    const people = "SELECT min(id)::int AS first, count(*)::int AS people FROM users";
    expect(await query(database.url, people)).toMatchObject([{ first: 50_000 }]);
  });

  test("leaves everything as it was when it fails in the middle", async () => {
    const before = await fingerprint();
    await query(database.url, "ALTER TABLE comments ADD CONSTRAINT never CHECK (false) NOT VALID");
    await expect(load({ replace: true })).rejects.toThrow("never");
    await query(database.url, "ALTER TABLE comments DROP CONSTRAINT never");
    expect(await fingerprint()).toEqual(before);
  });

  test("gives up when other sessions keep the tables", async () => {
    await withClient(database.url, async (holder) => {
      await holder.query("BEGIN; SELECT FROM users LIMIT 1");
      await expect(load({ replace: true, lockTimeoutMs: 200 })).rejects.toThrow(
        "Other sessions have been using the tables",
      );
      await holder.query("ROLLBACK");
    });
  });
});

import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startEngine } from "../src/index.ts";
import { sql, type TestProject } from "./support/branches.ts";
import { openTestEngine, type TestEngine } from "./support/test-engine.ts";
import { withEngine } from "./support/with-engine.ts";

/** Keys that are made with the API, permissions, and what the advisor finds. */

let engine: TestEngine;
let project: TestProject;

withEngine((fresh) => {
  ({ engine, project } = fresh);
});

interface Key {
  id: number;
  key: string;
}

const create = (key_name: string) => engine.call<Key>(200, "POST", "/api_keys", { key_name });
const statusWith = async (key: string, url = engine.url) =>
  (await fetch(`${url}/projects`, { headers: { authorization: `Bearer ${key}` } })).status;

test("a key that was made lets in until it is revoked, and is kept as a digest only", async () => {
  const [first, second] = [await create("first"), await create("second")];
  expect([await statusWith(first.key), await statusWith(second.key)]).toEqual([200, 200]);
  expect(await statusWith(`${first.key}x`)).toBe(401);
  expect(await engine.call(200, "GET", "/api_keys")).toMatchObject([
    { id: second.id, name: "second", last_used_from_addr: "127.0.0.1" },
    { id: first.id, name: "first", last_used_at: expect.any(String) },
  ]);
  const file = join(engine.home, "api-keys.json");
  const text = await readFile(file, "utf8");
  expect(text).not.toContain(first.key);
  expect((await stat(file)).mode & 0o077).toBe(0);

  const revoke = (status: number, id: number | string) =>
    engine.call(status, "DELETE", `/api_keys/${id}`);
  expect(await revoke(200, first.id)).toMatchObject({ id: first.id, revoked: true });
  expect([await statusWith(first.key), await statusWith(second.key)]).toEqual([401, 200]);
  for (const id of [first.id, "0", "first", "9".repeat(30)]) {
    expect(await revoke(404, id)).toMatchObject({ code: "API_KEY_NOT_FOUND" });
  }
  await revoke(200, second.id);
  expect(await statusWith(engine.apiKey)).toBe(200);
});

test.each([[""], ["n".repeat(65)], ["a\nb"], [5], [undefined]])(
  "the name %j is refused",
  async (key_name) => {
    const before = await engine.call(200, "GET", "/api_keys");
    await engine.call(400, "POST", "/api_keys", { key_name });
    expect(await engine.call(200, "GET", "/api_keys")).toEqual(before);
  },
);

test("keys outlive the engine; a damaged file refuses the start, as revoked ones must not come back", async () => {
  const other = await openTestEngine();
  try {
    const made = await other.call<Key>(200, "POST", "/api_keys", { key_name: "kept" });
    await other.stop();
    const again = await startEngine({ home: other.home });
    expect(await statusWith(made.key, again.url)).toBe(200);
    await again.stop?.();
    await writeFile(join(other.home, "api-keys.json"), "[{}]");
    await expect(startEngine({ home: other.home })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
    });
  } finally {
    await other.close();
  }
});

test("a permission is granted once, and revoked once", async () => {
  interface Permission {
    id: string;
  }
  const grant = (email: string) => project.call<Permission>(200, "POST", "/permissions", { email });
  const [granted, again] = [await grant("casey@example.com"), await grant("Casey@example.com")];
  expect(again.id).toBe(granted.id);
  expect(await project.call(400, "POST", "/permissions", { email: "nobody" })).toMatchObject({
    code: "BODY_INVALID",
  });
  const path = `/permissions/${granted.id}`;
  expect(await project.call(200, "DELETE", path)).toHaveProperty("revoked_at");
  expect(await project.call(404, "DELETE", path)).toMatchObject({ code: "PERMISSION_NOT_FOUND" });
  expect(await project.call(200, "GET", "/permissions")).toEqual({ project_permissions: [] });
});

test("the advisor names what it finds, and nothing of what is right", async () => {
  await sql(
    project.main.uri,
    `create table teams (id int primary key);
     create table right_one (id int primary key, team int references teams);
     create index on right_one (team, id);
     alter table right_one enable row level security; create policy all_rows on right_one using (true);
     create table people (id int, team int references teams);
     create index people_a on people (id); create index people_b on people (id);
     create index people_c on people (id desc);
     create table closed (id int primary key); alter table closed enable row level security;
     create table open (id int primary key); create policy none on open using (false)`,
  );
  const found = async (parameters = "") => {
    const answer = await project.call<{ issues: { name: string; detail: string }[] }>(
      200,
      "GET",
      `/advisors?${parameters}`,
    );
    return answer.issues.map(({ name }) => name).sort();
  };
  expect(await found()).toEqual([
    "duplicate_index",
    "no_primary_key",
    "policy_exists_rls_disabled",
    "rls_enabled_no_policy",
    "unindexed_foreign_keys",
  ]);
  expect(await found("min_severity=WARN")).toEqual([
    "duplicate_index",
    "policy_exists_rls_disabled",
  ]);
  expect(await found(`category=SECURITY&branch_id=${project.main.id}`)).toEqual([
    "policy_exists_rls_disabled",
    "rls_enabled_no_policy",
  ]);
  await project.call(404, "GET", "/advisors?database_name=absent");
  await project.call(404, "GET", "/advisors?branch_id=br-no-such-12345678");
});

test.each([
  ["no period", "granularity=daily"],
  ["no such granularity", "from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z&granularity=yearly"],
  ["from behind to", "from=2026-03-01T00:00:00Z&to=2026-02-01T00:00:00Z&granularity=daily"],
])("consumption: %s is refused", async (_, parameters) => {
  await engine.call(400, "GET", `/consumption_history/projects?${parameters}`);
});

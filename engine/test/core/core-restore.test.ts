import pg from "pg";
import { expect, test } from "vitest";
import { sql, type TestBranch, TestProject, uriWith } from "../support/branches.ts";
import type { TestEngine } from "../support/test-engine.ts";
import { withEngine } from "../support/with-engine.ts";

/** A restore exchanges a branch's data, and nothing else that its users hold on to. */

let engine: TestEngine;
let project: TestProject;
let counter = 0;

withEngine(async (fresh) => {
  ({ engine, project } = fresh);
  await sql(project.main.uri, "create table notes (text text)");
  await sql(project.main.uri, "insert into notes values ('main')");
});

const newBranch = (from?: TestBranch) => project.branch(`branch-${counter++}`, from);
const write = (branch: TestBranch, text: string) =>
  sql(branch.uri, "insert into notes values ($1)", [text]);
const notes = async (branch: TestBranch) =>
  (await sql<{ text: string }>(branch.uri, "select text from notes order by text")).map(
    ({ text }) => text,
  );

test.each([
  { source: "running", target: "running" },
  { source: "sleeping", target: "running" },
  { source: "running", target: "sleeping" },
  { source: "sleeping", target: "sleeping" },
])(
  "a $target branch from a $source one: its rows, the own address and password",
  async (states) => {
    const [source, target] = [await newBranch(), await newBranch()];
    await write(source, "source");
    await write(target, "lost");
    if (states.source === "sleeping") await project.suspend(source);
    if (states.target === "sleeping") await project.suspend(target);

    const { branch } = await project.restore(target, source);
    expect(branch.id).toBe(target.id);
    expect(branch.name).toBe(target.name);
    expect(branch.last_reset_at).toBeTruthy();
    expect(await project.uriOf(target)).toBe(target.uri);
    expect(await notes(target)).toEqual(["main", "source"]);
    await write(target, "own");
    expect(await notes(source)).toEqual(["main", "source"]);
    const [{ id } = {}] = await sql(target.uri, "select current_setting('neon.branch_id') as id");
    expect(id).toBe(target.id);
    for (const each of [target, source]) await project.delete(each);
  },
);

test("preserve_under_name keeps the state before, and takes the children along", async () => {
  const target = await newBranch();
  await write(target, "old");
  const child = await newBranch(target);
  expect((await project.restore(target, project.main, undefined, 422)).code).toBe(
    "BRANCH_HAS_CHILDREN",
  );
  expect(await notes(target)).toContain("old");

  await project.restore(target, project.main, "kept");
  expect(await notes(target)).toEqual(["main"]);
  const branches = await project.list();
  const kept = branches.find(({ name }) => name === "kept");
  expect(branches.find(({ id }) => id === child.id)?.parent_id).toBe(kept?.id);
  expect(await notes(child)).toContain("old");

  // The kept state has no address; one can be made, and shows what was.
  const { endpoint } = await project.call<{ endpoint: { id: string } }>(201, "POST", "/endpoints", {
    endpoint: { branch_id: kept?.id, type: "read_write" },
  });
  const keptBranch = { id: kept?.id ?? "", name: "kept", endpointId: endpoint.id, uri: "" };
  keptBranch.uri = await project.uriOf(keptBranch);
  expect(await notes(keptBranch)).toEqual(["main", "old"]);

  // Back again, from the state that was kept.
  await project.restore(target, keptBranch);
  expect(await notes(target)).toEqual(["main", "old"]);
  expect((await project.restore(target, project.main, "main", 409)).code).toBe(
    "BRANCH_ALREADY_EXISTS",
  );
  for (const each of [target, child, keptBranch]) await project.delete(each);
});

test("a branch restored from its own child", async () => {
  const target = await newBranch();
  const child = await newBranch(target);
  await write(child, "from child");
  await project.restore(target, child, "before-child");
  expect(await notes(target)).toEqual(["from child", "main"]);
  const branches = await project.list();
  const parentOf = (id: string) => branches.find((branch) => branch.id === id)?.parent_id;
  for (let at: string | undefined = target.id, hops = 0; at; hops += 1) {
    expect(hops, "parents lead to the root").toBeLessThan(10);
    at = parentOf(at);
  }
});

test("a root branch stays one; of what is kept of it only the original cannot be deleted", async () => {
  const own = await TestProject.create(engine);
  const scratch = await own.branch("scratch");
  for (const name of ["kept-first", "kept-second"]) await own.restore(own.main, scratch, name);
  const branches = await own.list();
  const named = (wanted: string) => branches.find(({ name }) => name === wanted);
  const rootNames = branches.filter(({ parent_id }) => !parent_id).map(({ name }) => name);
  expect(rootNames.sort()).toEqual([own.main.name, "kept-first", "kept-second"].sort());
  expect(named("scratch")?.parent_id).toBe(named("kept-first")?.id);
  await own.delete(scratch);
  await own.call(200, "DELETE", `/branches/${named("kept-second")?.id}`);
  const original = `/branches/${named("kept-first")?.id}`;
  const refused = await own.call<{ code: string }>(422, "DELETE", original);
  expect(refused.code).toBe("BRANCH_IS_ROOT");
});

test("roles and passwords: the source's roles, but where the branch has them its own passwords", async () => {
  const [source, target] = [await newBranch(), await newBranch()];
  const role = (branch: TestBranch, name: string) =>
    project.call<{ role: { password: string } }>(201, "POST", `/branches/${branch.id}/roles`, {
      role: { name },
    });
  const onSource = (await role(source, "app")).role.password;
  await role(target, "gone");
  const reset = (branch: TestBranch) =>
    project.call<{ role: { password: string } }>(
      200,
      "POST",
      `/branches/${branch.id}/roles/neondb_owner/reset_password`,
    );
  const own = uriWith(target.uri, { password: (await reset(target)).role.password });
  await reset(source);

  await project.restore(target, source);
  expect(await project.uriOf(target)).toBe(own);
  expect(await sql(own, "select 1 as one")).toEqual([{ one: 1 }]);
  await expect(sql(target.uri, "select 1")).rejects.toMatchObject({ code: "28P01" });
  const app = uriWith(own, { user: "app", password: onSource });
  expect(await sql(app, "select 1 as one")).toEqual([{ one: 1 }]);
  const { roles } = await project.call<{ roles: { name: string }[] }>(
    200,
    "GET",
    `/branches/${target.id}/roles`,
  );
  expect(roles.map(({ name }) => name).sort()).toEqual(["app", "neondb_owner"]);
  for (const each of [target, source]) await project.delete(each);
});

test("a password that was changed with SQL on the source does not lock the branch's users out", async () => {
  const [source, target] = [await newBranch(), await newBranch()];
  await sql(source.uri, "alter role neondb_owner password 'changed-by-hand-1'");
  await project.restore(target, source);
  expect(await project.uriOf(target)).toBe(target.uri);
  expect(await sql(target.uri, "select 1 as one")).toEqual([{ one: 1 }]);
  for (const each of [target, source]) await project.delete(each);
});

test("two restores at once: each happened, or was told to come again", async () => {
  const [one, two, target] = [await newBranch(), await newBranch(), await newBranch()];
  await write(one, "one");
  await write(two, "two");
  const restore = (source: TestBranch) =>
    engine.send("POST", `/projects/${project.id}/branches/${target.id}/restore`, {
      source_branch_id: source.id,
    });
  const statuses = (await Promise.all([restore(one), restore(two)])).map(({ status }) => status);
  expect([
    [200, 200],
    [200, 423],
  ]).toContainEqual(statuses.sort());
  const found = await notes(target);
  expect([
    ["main", "one"],
    ["main", "two"],
  ]).toContainEqual(found);
  for (const each of [target, one, two]) await project.delete(each);
});

test("clients that reconnect in a loop meet nothing but the end of open sessions", async () => {
  const target = await newBranch();
  const clients = [
    reconnecting({ connectionString: target.uri }),
    reconnecting({ connectionString: target.uri, ssl: { rejectUnauthorized: false } }),
    reconnecting({ connectionString: target.uri, ssl: { rejectUnauthorized: false } }),
  ];
  const restores = 5;
  for (let n = 0; n < restores; n += 1) {
    await project.restore(target, project.main);
    const before = clients.map((client) => client.done());
    await expect
      .poll(() => clients.every((client, at) => client.done() > (before[at] ?? 0)))
      .toBe(true);
  }
  const ended = await Promise.all(clients.map((client) => client.end()));
  for (const { refused, dropped, done } of ended) {
    expect(refused).toEqual([]);
    // A session that was open may end, at most one a restore: the loop has one at a time.
    expect(dropped.length, dropped.join("\n")).toBeLessThanOrEqual(restores);
    expect(done).toBeGreaterThan(restores);
  }
  await project.delete(target);
});

/** Connects, asks, disconnects, and tells apart what failed: coming in, or a session that was open. */
function reconnecting(config: pg.ClientConfig) {
  const seen = { refused: [] as string[], dropped: [] as string[], done: 0 };
  let isOver = false;
  const loop = (async () => {
    while (!isOver) {
      const client = new pg.Client(config);
      client.on("error", () => {});
      try {
        await client.connect();
      } catch (error) {
        seen.refused.push((error as Error).message);
        continue;
      }
      try {
        await client.query("select count(*) from notes");
        seen.done += 1;
      } catch (error) {
        seen.dropped.push((error as Error).message);
      }
      await client.end().catch(() => {});
    }
  })();
  return {
    done: () => seen.done,
    end: async () => {
      isOver = true;
      await loop;
      return seen;
    },
  };
}

test("a branch that gets its own state back also gets the parent back, so that what was kept can go", async () => {
  const target = await newBranch();
  const parentOf = async (id: string) =>
    (await project.list()).find((branch) => branch.id === id)?.parent_id;
  const named = async (name: string) => {
    const found = (await project.list()).find((branch) => branch.name === name);
    return { id: found?.id ?? "", name, endpointId: "", uri: "" };
  };
  await project.restore(target, project.main, "before-reset");
  for (const round of ["first", "second", "third"]) {
    await project.restore(target, await named("before-reset"), `undo-${round}`);
    expect(await parentOf(target.id)).toBe(project.main.id);
    await project.delete(await named("before-reset"));
    await project.restore(target, await named(`undo-${round}`), "before-reset");
    await project.delete(await named(`undo-${round}`));
  }
  // Where the former parent has become a descendant, what was kept of it is the parent.
  const other = await newBranch();
  await project.restore(target, other, "of-main");
  await project.restore(target, project.main, "of-other");
  await project.restore(other, target, "other-before");
  await project.restore(target, await named("of-other"), "last");
  expect(await parentOf(target.id)).toBe((await named("other-before")).id);
  expect(await parentOf(other.id)).toBe((await named("last")).id);
});

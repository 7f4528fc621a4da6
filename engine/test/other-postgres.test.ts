import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Daemon } from "../../scripts/test-support/daemon.ts";
import { describeWith, type Need } from "../../scripts/test-support/needs.ts";
import { sql, type TestBranch, TestProject } from "./support/branches.ts";
import { postgresOf } from "./support/postgres-processes.ts";
import { openTestEngine, type TestEngine } from "./support/test-engine.ts";

/** Projects with another version of Postgres than the engine's own. */

/** One that a package of the system has installed, or TEST_POSTGRES_BIN. */
const installed: Need<{ major: number; bin: string }> = {
  name: "an installed PostgreSQL 14 to 17",
  find: () => {
    const own = process.env.TEST_POSTGRES_BIN;
    const found = [17, 16, 15, 14].map((major) => ({
      major,
      bin: `/usr/lib/postgresql/${major}/bin`,
    }));
    const named = own ? [{ major: Number(process.env.TEST_POSTGRES_MAJOR), bin: own }] : found;
    return named.find(({ bin }) => existsSync(join(bin, "postgres")));
  },
};

let engine: TestEngine;

beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine?.close());

async function ask(path: string, body?: object) {
  const response = await fetch(new URL(path, engine.url), {
    headers: { authorization: `Bearer ${engine.apiKey}` },
    ...(body && { method: "POST", body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: each caller knows its answer
  return { status: response.status, body: (await response.json()) as any };
}

test("a version that is not there is refused, and so is what is no server of it", async () => {
  const wanted = { project: { pg_version: 16 } };
  expect(await engine.call(422, "POST", "/projects", wanted)).toMatchObject({
    code: "PG_VERSION_UNSUPPORTED",
    message: expect.stringContaining("ds engine postgres add 16"),
  });
  const own = (await ask("/engine/status")).body;
  expect(own).toMatchObject({ postgres: { version: expect.any(String) }, otherPostgres: [] });
  for (const [major, bin] of [
    [16, join(engine.home, "nowhere")],
    [16, own.postgres.bin],
    [18, own.postgres.bin],
  ]) {
    expect(await ask("/engine/postgres/add", { major, bin })).toMatchObject({
      status: 422,
      body: { code: "POSTGRES_UNUSABLE" },
    });
  }
  expect((await ask("/engine/postgres/add", { major: 16, bin: "bin" })).status).toBe(400);
  expect((await ask("/engine/postgres/remove", { major: 16 })).body).toEqual({ removed: false });
  expect((await ask("/engine/status")).body.otherPostgres).toEqual([]);
});

describeWith(installed, "a project of another version", ({ major, bin }) => {
  let project: TestProject;
  const rows = async ({ uri }: TestBranch) =>
    (await sql<{ text: string }>(uri, "select text from notes order by text")).map((r) => r.text);
  const write = ({ uri }: TestBranch, text: string) =>
    sql(uri, "insert into notes values ($1)", [text]);

  beforeAll(async () => {
    const added = await ask("/engine/postgres/add", { major, bin });
    expect(added).toMatchObject({ status: 200 });
    expect((await ask("/engine/status")).body.otherPostgres).toEqual([
      { major, bin, version: added.body.version },
    ]);
    project = await TestProject.create(engine, { pg_version: major });
    await sql(project.main.uri, "create table notes (text text primary key)");
    await write(project.main, "first");
  });

  test("branches, restores and the past are those of any project", async () => {
    const { main } = project;
    const [version] = await sql(main.uri, "select current_setting('server_version_num') as n");
    expect(Math.floor(Number(version?.n) / 10_000)).toBe(major);

    const running = await project.branch("of-running");
    await write(running, "own");
    await sleep(5);
    const moment = new Date().toISOString();
    await sleep(5);
    await write(main, "second");
    await project.suspend(main);
    const sleeping = await project.branch("of-sleeping");
    expect([await rows(running), await rows(sleeping)]).toEqual([
      ["first", "own"],
      ["first", "second"],
    ]);
    const past = await project.branch("of-the-past", main, {
      branch: { parent_timestamp: moment },
    });
    expect(await rows(past)).toEqual(["first"]);
    await project.restore(running, main, "kept");
    expect(await rows(running)).toEqual(["first", "second"]);
    await project.delete(past);
    await project.delete(sleeping);
  });

  test("its schema is read, compared and copied", async () => {
    const { main } = project;
    await sql(main.uri, "create role reader; grant reader to neondb_owner");
    const copy = await project.branch("schema", main, {
      branch: { init_source: "schema-only", parent_id: main.id },
    });
    expect(await rows(copy)).toEqual([]);
    const schema = async (branch: TestBranch) =>
      (
        await project.call<{ sql: string }>(
          200,
          "GET",
          `/branches/${branch.id}/schema?db_name=neondb`,
        )
      ).sql;
    expect(await schema(main)).toContain("CREATE TABLE public.notes");
    expect(await schema(copy)).toBe(await schema(main));
    await project.delete(copy);
  });

  test("its owner does not get to the machine, and gets what is preloaded", async () => {
    const { uri } = project.main;
    for (const role of ["pg_execute_server_program", "pg_read_server_files"]) {
      await expect(sql(uri, `grant ${role} to neondb_owner`)).rejects.toMatchObject({
        code: "42501",
      });
    }
    const { libraries } = await project.call<{ libraries: { library_name: string }[] }>(
      200,
      "GET",
      "/available_preload_libraries",
    );
    const loaded = await sql(uri, "show shared_preload_libraries");
    if (libraries.some(({ library_name }) => library_name === "pg_stat_statements")) {
      expect(loaded).toEqual([{ shared_preload_libraries: "pg_stat_statements" }]);
    }
    const bad = { type: "read_write", settings: { pg_settings: { io_max_concurrency: "4" } } };
    const branch = { endpoints: [bad] };
    expect(await project.call(400, "POST", "/branches", branch)).toMatchObject({
      code: "PG_SETTINGS_REFUSED",
    });
  });

  test("what projects have is not removed; the next engine knows it, and so does one after a kill", async () => {
    expect(await ask("/engine/postgres/remove", { major })).toMatchObject({
      status: 409,
      body: { code: "PG_VERSION_IN_USE" },
    });
    await engine.stop();
    let daemon = await Daemon.start(engine.home);
    try {
      const before = await rows(project.main);
      await daemon.kill();
      expect(postgresOf(engine.home).length).toBeGreaterThan(0);
      daemon = await Daemon.start(engine.home);
      expect(await rows(project.main)).toEqual(before);
    } finally {
      await daemon.stop();
    }
    engine = await openTestEngine({ home: engine.home });
    await engine.call(200, "DELETE", `/projects/${project.id}`);
    expect((await ask("/engine/postgres/remove", { major })).body).toEqual({ removed: true });
  });
});

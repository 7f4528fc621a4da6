import { readdirSync, readFileSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Daemon } from "../../../scripts/test-support/daemon.ts";
import { sql, type TestBranch, TestProject } from "../support/branches.ts";
import { makeFolder } from "../support/folder.ts";
import { postgresOf } from "../support/postgres-processes.ts";
import { openTestEngine, type TestEngine } from "../support/test-engine.ts";

/** History costs no more than it may, and a killed engine leaves nothing of it half done. */

vi.hoisted(() => {
  // Read when the engine's modules are loaded.
  process.env.DS_HISTORY_SIZE = "48MB";
});

let folder: string;

beforeAll(() => {
  folder = makeFolder();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** To the microsecond: whatever is committed after it is later. */
const nowOf = async ({ uri }: TestBranch) => {
  const text = `to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  return (await sql<{ now: string }>(uri, `select ${text} as now`))[0]?.now ?? "";
};

async function dataDirOf(home: string, projectId: string, branch: TestBranch): Promise<string> {
  const file = join(home, "catalog", projectId, `${branch.id}.json`);
  return JSON.parse(await readFile(file, "utf8")).branch.dataDir;
}

test("the log stays within its size, bases whose log is gone go, and what is left can be reached", async () => {
  const home = join(folder, "limits");
  const history = { baseEveryBytes: 8_000_000n, keptBases: 4 };
  let engine: TestEngine = await openTestEngine({ home, history });
  let project = await TestProject.create(engine, {
    default_endpoint_settings: { suspend_timeout_seconds: 2 },
  });
  await engine.stop();
  engine = await openTestEngine({ home, history });
  project = new TestProject(engine, project.id, project.main);
  const { main } = project;
  const early = await nowOf(main);
  await sql(main.uri, "create table filling (n int, t text)");
  for (let round = 0; round < 12; round++) {
    await sql(
      main.uri,
      "insert into filling select $1, repeat(md5(random()::text), 20) from generate_series(1, 10000)",
      [round],
    );
    await sql(main.uri, "truncate filling");
    await sleep(200); // Waits for nothing: as fast as an application writes.
  }
  const dataDir = await dataDirOf(home, project.id, main);
  const log = join(home, "data", "pgdata", dataDir, "pg_wal");
  const segments = () => readdirSync(log).filter((name) => /^[0-9A-F]{24}$/.test(name)).length;
  const bases = () =>
    readdirSync(join(home, "data", "history", dataDir))
      .filter((name) => /^\w+\.json$/.test(name))
      .map((name) => name.replace(".json", ""));

  // The last base may be so far back that its log is gone; what follows must have one of its own.
  const filled = Date.now();
  const fill = (rows: number) =>
    sql(
      main.uri,
      "insert into filling select 0, repeat(md5(random()::text), 20) from generate_series(1, $1)",
      [rows],
    );
  await fill(15_000);
  const newest = () =>
    Math.max(
      ...bases().map((name) => {
        const file = join(home, "data", "history", dataDir, `${name}.json`);
        return Date.parse(JSON.parse(readFileSync(file, "utf8")).validFrom);
      }),
    );
  // A base that was under way meanwhile may have been the answer to all of that.
  const afterMore = async () => {
    await fill(3000);
    return newest();
  };
  await expect.poll(afterMore, { interval: 500 }).toBeGreaterThan(filled);
  await sql(main.uri, "truncate filling");

  await sql(main.uri, "insert into filling values (99)");
  const recent = await nowOf(main);
  await sql(main.uri, "insert into filling values (100)");
  // A stop is a checkpoint, and a checkpoint removes the log that is not kept.
  await project.suspend(main);
  expect(segments()).toBeLessThanOrEqual(48 / 16 + 2);
  await expect.poll(() => bases().length).toBeLessThanOrEqual(4);

  const body = { branch: { name: "early", parent_timestamp: early } };
  const { code } = await project.call<{ code: string }>(422, "POST", "/branches", body);
  expect(code).toBe("POINT_IN_TIME_BEFORE_HISTORY");
  const past = await project.branch("recent", main, { branch: { parent_timestamp: recent } });
  expect(await sql(past.uri, "select n from filling")).toEqual([{ n: 99 }]);

  // Without a window there is no history, and none of the old one stays.
  await project.call(200, "PATCH", "", { project: { history_retention_seconds: 0 } });
  await expect.poll(bases).toEqual([]);
  await engine.stop();
});

test("kill -9 while a moment is made again: nothing is left, and it can be reached afterwards", async () => {
  const home = join(folder, "killed");
  let engine = await Daemon.start(home);
  let project = await TestProject.create(engine);
  const { main } = project;
  await sql(main.uri, "create table notes (text text)");
  const bases = join(home, "data", "history", await dataDirOf(home, project.id, main));
  await expect.poll(() => readdirSync(bases).length).toBe(2);
  await sql(main.uri, "insert into notes values ('then')");
  const then = await nowOf(main);
  await sql(main.uri, "insert into notes values ('later')");
  const moment = {
    branch: { name: "past", parent_timestamp: then },
    endpoints: [{ type: "read_write" }],
  };

  for (const afterMs of [50, 400, 900, 1500]) {
    const asked = engine.send("POST", `/projects/${project.id}/branches`, moment).catch(() => {});
    await sleep(afterMs); // Waits for nothing: moments of what is under way.
    await engine.kill();
    await asked;
    engine = await Daemon.start(home);
    project = new TestProject(engine, project.id, main);
    const branches = await project.list();
    const held = await Promise.all(
      branches.map((branch) => dataDirOf(home, project.id, branch as unknown as TestBranch)),
    );
    expect(readdirSync(join(home, "data", "pgdata")).sort()).toEqual(held.sort());
    expect(postgresOf(home).every(({ dataDir }) => held.includes(dataDir))).toBe(true);
    for (const made of branches.filter(({ name }) => name === "past")) {
      await project.call(200, "DELETE", `/branches/${made.id}`);
    }
  }
  const past = await project.branch("past", main, { branch: { parent_timestamp: then } });
  expect(await sql(past.uri, "select text from notes")).toEqual([{ text: "then" }]);
  await engine.stop();
  expect(postgresOf(home)).toEqual([]);
});

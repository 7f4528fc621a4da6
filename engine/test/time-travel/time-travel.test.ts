// More than 300 lines: its cases share one engine, whose start takes longer than any of them.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { longRun } from "../../../scripts/test-support/needs.ts";
import { connected, sql, type TestBranch, TestProject, uriWith } from "../support/branches.ts";
import { openTestEngine, type TestEngine } from "../support/test-engine.ts";

/** A branch of a moment of the past has what was committed until then, and nothing else. */

const isLong = longRun.find() === true;
const busyMs = isLong ? 60_000 : 5_000;
const moments = isLong ? 20 : 5;

let home: string;
let engine: TestEngine;
let project: TestProject;

/** With the exact time of each commit, and engines that take a base every few megabytes. */
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "ds-time-"));
  engine = await openTestEngine({ home, history: { baseEveryBytes: 1_000_000n } });
  project = await TestProject.create(engine, {
    default_endpoint_settings: {
      // The shorter it is, the more often the engine looks after bases.
      suspend_timeout_seconds: 4,
      pg_settings: { track_commit_timestamp: "on", max_prepared_transactions: "5" },
    },
  });
  // Its first start was before it had an endpoint, and so without these settings.
  await project.suspend(project.main);
  await sql(project.main.uri, "create table notes (n serial primary key, text text)");
});

afterAll(async () => {
  await engine?.stop();
  await rm(home, { recursive: true, force: true });
});

const at = (timestamp: string) => ({ branch: { parent_timestamp: timestamp } });

let made = 0;
const past = async (moment: string, from: TestBranch = project.main) => {
  const branch = await project.branch(`past-${++made}`, from, at(moment));
  // The answer has no address where there are several databases.
  return { ...branch, uri: await project.uriOf(branch) };
};

/** Code and message of a refusal. */
const refused = async (fields: Record<string, string>, from: TestBranch = project.main) => {
  const body = { branch: { name: `refused-${++made}`, parent_id: from.id, ...fields } };
  return project.call<{ code: string; message: string }>(422, "POST", "/branches", body);
};

/** To the microsecond: whatever is committed after it is later. */
const now = async (branch: TestBranch) => {
  const [row] = await sql<{ now: string }>(branch.uri, "select clock_timestamp()::text as now");
  return isoOf(row?.now ?? "");
};

const lsnOf = async (branch: TestBranch) => {
  const [row] = await sql<{ lsn: string }>(branch.uri, "select pg_current_wal_insert_lsn() as lsn");
  return row?.lsn ?? "";
};

const isoOf = (postgres: string) => postgres.replace(" ", "T").replace(/\+00$/, "Z");

const write = (branch: TestBranch, text: string) =>
  sql(branch.uri, "insert into notes (text) values ($1)", [text]);

const texts = async (branch: TestBranch) =>
  (await sql<{ text: string }>(branch.uri, "select text from notes order by text")).map(
    ({ text }) => text,
  );

/** How many bases there are of the data that the branch has now. */
async function basesOf(branch: TestBranch): Promise<number> {
  const file = join(home, "catalog", project.id, `${branch.id}.json`);
  const { dataDir } = JSON.parse(await readFile(file, "utf8")).branch;
  const names = await readdir(join(home, "data", "history", dataDir));
  return names.filter((name) => name.endsWith(".json")).length;
}

/** Rows that writers leave behind, two at a time, in transactions of one row and a little ballast. */
async function keepWriting(branch: TestBranch, ms: number): Promise<void> {
  const end = Date.now() + ms;
  const writer = () =>
    connected(branch.uri, async (client) => {
      while (Date.now() < end) {
        await client.query("insert into busy (ballast) values (repeat(md5(random()::text), $1))", [
          // Enough for a few bases, and within the size up to which full copies are made.
          isLong ? 100 : 1000,
        ]);
        await sleep(Math.random() * 4); // Waits for nothing: as applications write.
      }
    });
  await Promise.all([writer(), writer()]);
}

test(`exactly the rows committed until each of ${moments} moments of a busy time, across bases`, async () => {
  const busy = await project.branch(`busy-${Date.now()}`);
  await sql(
    busy.uri,
    `create table busy (n serial primary key, ballast text);
       alter table busy alter ballast set storage external`,
  );
  const begin = Date.now();
  await keepWriting(busy, busyMs);
  // Where the machine is busy too, the bases come later.
  const afterMore = async () => {
    await keepWriting(busy, 500);
    return basesOf(busy);
  };
  await expect.poll(afterMore).toBeGreaterThan(2);

  const wanted = Array.from({ length: moments }, () => {
    const micros = Math.floor(Math.random() * 1000)
      .toString()
      .padStart(3, "0");
    const ms = begin + 500 + Math.random() * (busyMs - 600);
    return new Date(ms).toISOString().replace("Z", `${micros}Z`);
  });
  for (const moment of wanted) {
    const branch = await past(moment, busy);
    const count = "select coalesce(json_agg(n order by n), '[]')::text as rows from busy";
    const [expected] = await sql(busy.uri, `${count} where pg_xact_commit_timestamp(xmin) <= $1`, [
      moment,
    ]);
    expect((await sql(branch.uri, count))[0], moment).toEqual(expected);
    await project.delete(branch);
  }
  await project.delete(busy);
});

test("microseconds and offsets; now; never the future", async () => {
  await write(project.main, "first");
  const [{ moment } = { moment: "" }] = await sql<{ moment: string }>(
    project.main.uri,
    "select max(pg_xact_commit_timestamp(xmin))::text as moment from notes",
  );
  await write(project.main, "second");
  const withRow = isoOf(moment);
  // The same instant, as somebody in India writes it.
  const there = new Date(Date.parse(withRow) + 5.5 * 3_600_000).toISOString().slice(0, 19);
  const offset = `${there}${withRow.slice(19).replace("Z", "")}+05:30`;
  for (const wanted of [withRow, offset]) {
    const branch = await past(wanted);
    expect(await texts(branch)).toEqual(["first"]);
    await project.delete(branch);
  }
  const present = await past(await now(project.main));
  expect(await texts(present)).toEqual(["first", "second"]);
  await project.delete(present);
  const soon = new Date(Date.now() + 5000).toISOString();
  expect((await refused({ parent_timestamp: soon })).code).toBe("POINT_IN_TIME_IN_FUTURE");
});

test("by position in the log; not beyond its end, nor before the history", async () => {
  await write(project.main, "by lsn");
  const lsn = await lsnOf(project.main);
  await write(project.main, "after lsn");
  const branch = await project.branch("by-lsn", project.main, { branch: { parent_lsn: lsn } });
  expect(await texts(branch)).toContain("by lsn");
  expect(await texts(branch)).not.toContain("after lsn");
  await project.delete(branch);
  expect((await refused({ parent_lsn: "F/0" })).code).toBe("LSN_BEYOND_LOG");
  expect(await refused({ parent_lsn: "0/1" })).toMatchObject({
    code: "POINT_IN_TIME_BEFORE_HISTORY",
    message: expect.stringMatching(/begins at \d+\//),
  });
  const both = { parent_lsn: lsn, parent_timestamp: "2026-01-01T00:00:00Z" };
  expect((await refused(both)).code).toBe("POINT_IN_TIME_AMBIGUOUS");
});

test("before the history: refused, and told where it begins; no history at all", async () => {
  expect(await refused({ parent_timestamp: "2026-01-01T00:00:00Z" })).toMatchObject({
    code: "POINT_IN_TIME_BEFORE_HISTORY",
    message: expect.stringMatching(/"main", which begins at 20\d\d-/),
  });
  const none = await TestProject.create(engine, { history_retention_seconds: 0 });
  const body = { branch: { name: "x", parent_timestamp: await now(none.main) } };
  expect(await none.call(422, "POST", "/branches", body)).toMatchObject({
    code: "NO_HISTORY",
    message: expect.stringContaining("history_retention_seconds is 0"),
  });
});

test("a project's history begins when it is handed over, however long the first base takes", async () => {
  const fresh = await TestProject.create(engine, {});
  const empty = await lsnOf(fresh.main);
  const handedOver = new Date().toISOString();
  await sql(fresh.main.uri, "create table notes (text text)");
  const tables = async (fields: Record<string, string>) => {
    const branch = await fresh.branch(`first-${++made}`, fresh.main, { branch: fields });
    return sql(branch.uri, "select relname from pg_class where relname = 'notes'");
  };
  expect(await tables({ parent_lsn: empty })).toEqual([]);
  expect(await tables({ parent_timestamp: handedOver })).toEqual([]);
  expect(await tables({ parent_timestamp: await now(fresh.main) })).toEqual([{ relname: "notes" }]);
});

test("while the source sleeps", async () => {
  await write(project.main, "before sleep");
  const moment = await now(project.main);
  await write(project.main, "later");
  await project.suspend(project.main);
  const branch = await past(moment);
  expect(await texts(branch)).toContain("before sleep");
  expect(await texts(branch)).not.toContain("later");
  await project.delete(branch);
});

test("before a branch was made, the history of its parent goes on; also through two of them", async () => {
  const main = project.main;
  await write(main, "old");
  const old = await now(main);
  await write(main, "newer");
  const child = await project.branch("child");
  await write(child, "in child");
  const inChild = await now(child);
  await write(main, "main later");
  await write(child, "child later");
  const grandchild = await past(inChild, child);
  await write(grandchild, "in grandchild");

  const before = await past(old, grandchild);
  expect(await texts(before)).toContain("old");
  expect(await texts(before)).not.toContain("newer");
  const between = await past(inChild, grandchild);
  expect(await texts(between)).toEqual(expect.arrayContaining(["old", "newer", "in child"]));
  expect(await texts(between)).not.toContain("child later");
  expect(await texts(between)).not.toContain("main later");
  for (const branch of [before, between]) await project.delete(branch);

  // A past of a branch that was itself made from a past.
  const own = await now(grandchild);
  await write(grandchild, "grandchild later");
  const twice = await past(own, grandchild);
  expect(await texts(twice)).toContain("in grandchild");
  expect(await texts(twice)).not.toContain("grandchild later");
  for (const branch of [twice, grandchild, child]) await project.delete(branch);
});

test("a restore to its own past, and what then is history", async () => {
  const branch = await project.branch("restored");
  await write(branch, "good");
  const good = await now(branch);
  await write(branch, "mistake");
  const bad = await now(branch);
  const body = { source_branch_id: branch.id, source_timestamp: good };
  expect(await project.call(422, "POST", `/branches/${branch.id}/restore`, body)).toMatchObject({
    code: "PRESERVE_NAME_REQUIRED",
  });
  await project.call(200, "POST", `/branches/${branch.id}/restore`, {
    ...body,
    preserve_under_name: "restored-before",
  });
  expect(await texts(branch)).toContain("good");
  expect(await texts(branch)).not.toContain("mistake");
  expect(await project.uriOf(branch)).toBe(branch.uri);

  expect((await refused({ parent_timestamp: bad }, branch)).code).toBe(
    "POINT_IN_TIME_BEFORE_HISTORY",
  );
  const preserved = (await project.list()).find(({ name }) => name === "restored-before");
  const source = { ...branch, id: preserved?.id ?? "" };
  const rescued = await past(bad, source);
  expect(await texts(rescued)).toEqual(expect.arrayContaining(["good", "mistake"]));
  await write(branch, "afterwards");
  const again = await past(await now(branch), branch);
  expect(await texts(again)).toContain("afterwards");
});

test("after a restore, history begins before the first client that was waiting for it", async () => {
  const branch = await project.branch("awaited", project.main);
  await sql(branch.uri, "create table before_restore (n int)");
  let isOver = false;
  const firstMoment = async (): Promise<string> => {
    for (;;) {
      const isLast = isOver;
      const text = "select clock_timestamp()::text as now, to_regclass('before_restore') as mark";
      const [row] = await sql<{ now: string; mark: string | null }>(branch.uri, text).catch(
        () => [],
      );
      if (row?.mark === null) return isoOf(row.now);
      if (isLast) throw new Error("the restore has not exchanged the data");
    }
  };
  const waiting = firstMoment();
  await project.restore(branch, project.main).finally(() => {
    isOver = true;
  });
  const moment = await waiting;
  await write(branch, "after the moment");
  const then = await past(moment, branch);
  expect(await texts(then)).not.toContain("after the moment");
  await project.delete(then);
  await project.delete(branch);
});

test("all databases; unlogged tables are empty; what was only prepared has not happened", async () => {
  const { main } = project;
  await project.call(201, "POST", `/branches/${main.id}/databases`, {
    database: { name: "second", owner_name: "neondb_owner" },
  });
  const second = uriWith(main.uri, { db: "second" });
  await sql(second, "create table things (n int)");
  await sql(second, "insert into things values (1)");
  await sql(main.uri, "create unlogged table fleeting (n int)");
  await sql(main.uri, "insert into fleeting values (1)");
  await connected(main.uri, async (client) => {
    await client.query("begin");
    await client.query("insert into notes (text) values ('prepared')");
    await client.query("prepare transaction 'one'");
  });
  const moment = await now(main);
  await sql(second, "insert into things values (2)");
  await sql(main.uri, "commit prepared 'one'");
  const branch = await past(moment);
  expect(await sql(uriWith(branch.uri, { db: "second" }), "select n from things")).toEqual([
    { n: 1 },
  ]);
  expect(await sql(branch.uri, "select n from fleeting")).toEqual([]);
  expect(await sql(branch.uri, "select gid from pg_prepared_xacts")).toEqual([]);
  expect(await texts(branch)).not.toContain("prepared");
  expect(await texts(main)).toContain("prepared");
  const left = await readdir(join(home, "data", "pgdata"));
  for (const name of left) {
    const files = await readdir(join(home, "data", "pgdata", name));
    expect(files).not.toContain("recovery.signal");
  }
});

test.each(["by the API", "in SQL"])(
  "just before a database was dropped %s, it is there",
  async (how) => {
    const { main } = project;
    await project.call(201, "POST", `/branches/${main.id}/databases`, {
      database: { name: "shop", owner_name: "neondb_owner" },
    });
    await sql(uriWith(main.uri, { db: "shop" }), "create table orders as select 1 as id");
    await write(main, "the last before the drop");
    const moment = await now(main);
    if (how === "in SQL") await sql(main.uri, "drop database shop");
    else await project.call(200, "DELETE", `/branches/${main.id}/databases/shop`);
    const branch = await past(moment);
    expect(await sql(uriWith(branch.uri, { db: "shop" }), "select id from orders")).toEqual([
      { id: 1 },
    ]);
    expect(await texts(branch)).toContain("the last before the drop");
    await project.delete(branch);
    const after = await past(await now(main));
    await expect(sql(uriWith(after.uri, { db: "shop" }), "select 1")).rejects.toMatchObject({
      code: "3D000",
    });
    await project.delete(after);
    expect(
      (await readdir(join(home, "logs"))).filter((name) => /history\.log\./.test(name)),
    ).toEqual([]);
  },
);

test("a new engine goes on with the history that it finds", async () => {
  await write(project.main, "before restart");
  const moment = await now(project.main);
  await write(project.main, "still before restart");
  await engine.stop();
  engine = await openTestEngine({ home });
  project = new TestProject(engine, project.id, project.main);
  const branch = await past(moment);
  expect(await texts(branch)).toContain("before restart");
  expect(await texts(branch)).not.toContain("still before restart");
});

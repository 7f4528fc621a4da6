import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { afterEach, expect, test } from "vitest";
import { findPostmaster } from "../../src/postgres/io/processes.ts";
import { connected, sql, type TestBranch, type TestProject } from "../support/branches.ts";
import { postgresOf } from "../support/postgres-processes.ts";
import type { TestEngine } from "../support/test-engine.ts";
import { withEngine } from "../support/with-engine.ts";

/** When a compute sleeps, what wakes it, and what must not. */

let engine: TestEngine;
let project: TestProject;
let branch: TestBranch;
let counter = 0;

withEngine(
  (fresh) => {
    ({ engine, project } = fresh);
  },
  { history_retention_seconds: 0 },
);
afterEach(() => project.delete(branch));

async function newBranch(suspendTimeoutSeconds: number): Promise<void> {
  branch = await project.branch(`idle-${counter++}`, undefined, {
    endpoint: { suspend_timeout_seconds: suspendTimeoutSeconds },
  });
}

const asleep = (which = branch) =>
  expect.poll(() => project.isRunning(which), { interval: 100 }).toBe(false);

/** Until the engine has put another to sleep, which was used after what the test is about. */
async function anotherSleeps(): Promise<void> {
  const sleepy = await project.branch("sleepy", undefined, {
    endpoint: { suspend_timeout_seconds: 1 },
  });
  await sql(sleepy.uri, "select 1");
  await asleep(sleepy);
  await project.delete(sleepy);
}

test("a silent compute is suspended; the next connection wakes it", async () => {
  await newBranch(1);
  await sql(branch.uri, "select 1");
  expect(await project.isRunning(branch)).toBe(true);
  await asleep();
  expect(await sql(branch.uri, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("an open connection that does nothing does not keep it awake, and is ended cleanly", async () => {
  await newBranch(1);
  const client = new pg.Client(branch.uri);
  const ended = new Promise<string>((resolve) =>
    client.on("error", ({ message }) => resolve(message)),
  );
  await client.connect();
  await client.query("select 1");
  await asleep();
  expect(await ended).toMatch(/terminating connection|Connection terminated/);
});

test("neither a long query nor an open transaction is cut off", async () => {
  await newBranch(1);
  await connected(branch.uri, async (client) => {
    expect((await client.query("select pg_sleep(5), 1 as one")).rows[0]?.one).toBe(1);
    await client.query("begin");
    await client.query("create temporary table mine (n int) on commit drop");
    await anotherSleeps();
    await client.query("insert into mine values (1)");
    await client.query("commit");
  });
});

test("-1: it is never suspended", async () => {
  await newBranch(-1);
  await sql(branch.uri, "select 1");
  await anotherSleeps();
  await anotherSleeps();
  expect(await project.isRunning(branch)).toBe(true);
});

test("a bare TCP connection and a request to cancel wake nothing", async () => {
  await newBranch(60);
  await sql(branch.uri, "select 1");
  await project.suspend(branch);
  const port = Number(new URL(branch.uri).port);
  const silent = connect(port, "127.0.0.1");
  await new Promise((resolve) => silent.once("connect", resolve));
  const cancelling = connect(port, "127.0.0.1");
  const packet = Buffer.alloc(16);
  for (const [index, word] of [16, 80877102, 4711, 42].entries())
    packet.writeInt32BE(word, index * 4);
  cancelling.write(packet);
  await new Promise((resolve) => cancelling.once("close", resolve));
  // One that is woken after them is awake: they would have been by now.
  await project.suspend(project.main);
  await sql(project.main.uri, "select 1");
  expect(await project.isRunning(branch)).toBe(false);
  silent.destroy();
});

test("a server that dies is started again by the next connection", async () => {
  await newBranch(60);
  await sql(branch.uri, "select 1");
  const pgdata = join(engine.home, "data", "pgdata");
  let killed = 0;
  for (const name of readdirSync(pgdata)) {
    const pid = await findPostmaster(join(pgdata, name));
    if (pid && process.kill(pid, "SIGKILL")) killed += 1;
  }
  expect(killed).toBeGreaterThan(0);
  await expect
    .poll(() => sql(branch.uri, "select 1 as one").catch(() => "not yet"))
    .toEqual([{ one: 1 }]);
  expect(await sql(project.main.uri, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a copy that is begun while a compute stops does not start it again", async () => {
  await newBranch(-1);
  await sql(branch.uri, "select 1");
  const suspending = project.suspend(branch);
  // From the beginning of the stop on it does not run any more.
  await expect.poll(() => project.isRunning(branch), { interval: 1 }).toBe(false);
  await project.call(200, "POST", `/branches/${branch.id}/snapshot?name=meanwhile`);
  await suspending;
  expect(await project.isRunning(branch)).toBe(false);
  expect(postgresOf(engine.home).map(({ dataDir }) => dataDir)).not.toContain(dataDirOf(branch));
});

const dataDirOf = ({ id }: TestBranch): string => {
  const file = join(engine.home, "catalog", project.id, `${id}.json`);
  return (JSON.parse(readFileSync(file, "utf8")) as { branch: { dataDir: string } }).branch.dataDir;
};

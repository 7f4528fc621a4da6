import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Daemon } from "../../scripts/test-support/daemon.ts";
import { newest } from "../src/pitr/retention.ts";
import { isTimeout } from "../src/postgres/connection-errors.ts";
import { asAdmin } from "../src/postgres/io/admin.ts";
import { connected, sql, TestProject } from "./support/branches.ts";
import { makeFolder } from "./support/folder.ts";
import { postgresOf } from "./support/postgres-processes.ts";
import { openTestEngine, type TestEngine } from "./support/test-engine.ts";

/** What stands still, is gone, or was left half done must not take the engine's other work with it. */

let engine: TestEngine;
let folder: string;

beforeAll(async () => {
  folder = makeFolder();
  engine = await openTestEngine();
});

afterAll(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("a server that accepts and says nothing: the engine's own question ends in time", async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
  await new Promise((resolve) => silent.once("listening", resolve));
  const { port } = silent.address() as { port: number };
  const asked = asAdmin({ port, password: "x" }, "postgres", (c) => c.query("select 1"), 300);
  await expect(asked).rejects.toSatisfy(isTimeout);
  for (const socket of sockets) socket.destroy();
  silent.close();
});

test("what a server writes to its log is limited while it runs, not only at its start", async () => {
  const project = await TestProject.create(engine, { name: "talkative" });
  const { main } = project;
  const log = join(engine.home, "logs", `${main.id}.log`);
  await connected(main.uri, async (client) => {
    // An error's statement is logged whole.
    for (let round = 0; round < 10; round += 1) {
      await client.query(`select 1/0 -- ${"x".repeat(1_000_000)}`).catch(() => {});
    }
    // A short time to sleep makes the engine look after its servers more often.
    await project.call(200, "PATCH", `/endpoints/${main.endpointId}`, {
      endpoint: { suspend_timeout_seconds: 2 },
    });
    await expect.poll(() => statSync(log).size).toBeLessThan(2_000_000);
    await client.query("select 1/0 as after").catch(() => {});
    await expect.poll(() => readFileSync(log, "utf8")).toContain("1/0 as after");
  });
});

test("standbys that nobody has: the engine's own commits do not wait for them", async () => {
  const project = await TestProject.create(engine, { name: "standbys" });
  const { main } = project;
  const branch = await project.branch("dev");
  await project.call(200, "PATCH", `/endpoints/${branch.endpointId}`, {
    endpoint: { settings: { pg_settings: { synchronous_standby_names: "nobody" } } },
  });
  await project.restore(branch, main, "before");
  expect(await sql(await project.uriOf(branch), "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a prepared transaction: copies start, whatever their endpoint's settings are", async () => {
  const project = await TestProject.create(engine, {
    name: "prepared",
    default_endpoint_settings: { pg_settings: { max_prepared_transactions: "5" } },
  });
  const { main } = project;
  // Its first start was before it had an endpoint, and so without these settings.
  await project.suspend(main);
  await connected(main.uri, async (client) => {
    await client.query("create table notes (text text)");
    await client.query("begin");
    await client.query("insert into notes values ('prepared')");
    await client.query("prepare transaction 'one'");
  });
  const branch = await project.branch("copy", main, {
    endpoint: { settings: { pg_settings: { max_prepared_transactions: "0" } } },
  });
  expect(await sql(branch.uri, "select gid from pg_prepared_xacts")).toEqual([{ gid: "one" }]);
  await sql(branch.uri, "commit prepared 'one'");
  expect(await sql(branch.uri, "select text from notes")).toEqual([{ text: "prepared" }]);
  expect(await sql(main.uri, "select text from notes")).toEqual([]);
});

test("a server that was killed while a client wrote: a copy has what was committed", async () => {
  const project = await TestProject.create(engine, { name: "killed" });
  const { main } = project;
  await sql(main.uri, "create table notes (n int)");
  const writer = new pg.Client(main.uri);
  writer.on("error", () => {});
  await writer.connect();
  let committed = 0;
  const writing = (async () => {
    for (;;) {
      await writer.query("insert into notes values (1)");
      committed += 1;
    }
  })().catch(() => {});
  await expect.poll(() => committed).toBeGreaterThan(20);
  for (const { pid } of postgresOf(engine.home)) process.kill(pid, "SIGKILL");
  await writing;
  const branch = await project.branch("copy", main);
  const [{ count } = { count: 0 }] = await sql<{ count: number }>(
    branch.uri,
    "select count(*)::int as count from notes",
  );
  expect(count).toBeGreaterThanOrEqual(committed);
});

test("clients that reset while they are being served keep no session open", async () => {
  const project = await TestProject.create(engine, { name: "resets" });
  const { main } = project;
  await project.suspend(main);
  const { port } = new URL(main.uri);
  for (let count = 0; count < 30; count++) {
    const socket = connect(Number(port), "127.0.0.1");
    socket.on("error", () => {});
    socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]), () => socket.resetAndDestroy());
  }
  const open = async () => {
    const text = "select count(*)::int as n from pg_stat_activity where state = 'starting'";
    return (await sql<{ n: number }>(main.uri, text))[0]?.n;
  };
  await expect.poll(open).toBe(0);
});

test("an operation that cannot be written down: what was made is not reported as failed", async () => {
  const project = await TestProject.create(engine, { name: "operations" });
  const file = join(engine.home, "catalog", project.id, "operations.jsonl");
  rmSync(file, { force: true });
  mkdirSync(file);
  const branch = await project.branch("made");
  expect((await project.list()).map(({ name }) => name)).toContain(branch.name);
});

test("of bases, the newest is the one farthest in the log, whatever the clock said", () => {
  const base = (name: string, validFrom: string, validFromLsn: string) => ({
    name,
    validFrom,
    validFromLsn,
    firstSegment: "",
  });
  const ahead = base("ahead", "2030-01-01T00:00:00Z", "0/1000000");
  const later = base("later", "2026-01-01T00:00:00Z", "0/2000000");
  expect(newest([later, ahead])).toBe(later);
  expect(newest([])).toBeUndefined();
});

test("history left over twice under one name does not keep an engine from starting", async () => {
  const home = join(folder, "twice");
  const first = await openTestEngine({ home });
  await first.stop();
  for (const parent of ["history", "trash"]) {
    const name = parent === "history" ? "gone" : "gone.history";
    mkdirSync(join(home, "data", parent, name), { recursive: true });
    writeFileSync(join(home, "data", parent, name, "file"), "x");
  }
  const again = await openTestEngine({ home });
  expect(readdirSync(join(home, "data", "history"))).toEqual([]);
  await again.close();
});

test("whoever read the engine's log has gone: it works on, and stops when it is told to", async () => {
  const home = join(folder, "unread");
  const engine = await Daemon.start(home);
  engine.stopReading();
  const project = await TestProject.create(engine);
  expect(await sql(project.main.uri, "select 1 as one")).toEqual([{ one: 1 }]);
  const stopped = engine.stop().then(() => "stopped");
  expect(await stopped).toBe("stopped");
  expect(postgresOf(home)).toEqual([]);
});

test("when an endpoint was last used is known after a restart", async () => {
  const home = join(folder, "used");
  const first = await openTestEngine({ home });
  const project = await TestProject.create(first);
  const used = await project.branch("used");
  await sql(used.uri, "select 1");
  const lastActive = async (served: TestEngine) => {
    const path = `/projects/${project.id}/endpoints/${used.endpointId}`;
    return (await served.call<{ endpoint: { last_active: string } }>(200, "GET", path)).endpoint
      .last_active;
  };
  const before = await lastActive(first);
  expect(before).toBeTruthy();
  await first.stop();
  const again = await openTestEngine({ home });
  expect(await lastActive(again)).toBe(before);
  await again.close();
});

test("killed while a password is reset: the one that is told is the one that opens", async () => {
  const home = join(folder, "passwords");
  let daemon = await Daemon.start(home);
  const { id, main } = await TestProject.create(daemon);
  const role = `/branches/${main.id}/roles/neondb_owner`;
  for (const ms of [2, 6, 10, 15, 25]) {
    const resetting = new TestProject(daemon, id, main)
      .call(200, "POST", `${role}/reset_password`)
      .catch(() => {});
    // No wait for anything: some moment of its work.
    await sleep(ms);
    await daemon.kill();
    await resetting;
    daemon = await Daemon.start(home);
    const uri = await new TestProject(daemon, id, main).uriOf(main);
    expect(await sql(uri, "select 1 as one"), `after ${ms} ms`).toEqual([{ one: 1 }]);
  }
  await daemon.stop();
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { expect, test } from "vitest";
import { describeWith, psql, testWith } from "../../../scripts/test-support/needs.ts";
import { connected, sql, type TestProject, uriWith } from "../support/branches.ts";
import { withEngine } from "../support/with-engine.ts";

/** What a client must not notice: that there is somebody between it and Postgres. */

let project: TestProject;
let uri: string;

withEngine(
  (fresh) => {
    project = fresh.project;
    uri = project.main.uri;
  },
  { history_retention_seconds: 0 },
);

/** Not synchronously: the engine that psql talks to is in this process. */
async function runPsql(args: string[], input = ""): Promise<{ stdout: string; stderr: string }> {
  const child = spawn("psql", args);
  const seen = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    seen.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    seen.stderr += text;
  });
  child.stdin.end(input);
  await once(child, "close");
  return seen;
}

const sessions = async () =>
  Number(
    (
      await sql<{ n: string }>(
        uri,
        "select count(*) as n from pg_stat_activity where usename = 'neondb_owner' and pid <> pg_backend_pid()",
      )
    )[0]?.n,
  );

/** How many sessions are at work on this very statement. */
const active = async (statement: string) =>
  (
    await sql(uri, "select from pg_stat_activity where query = $1 and state = 'active'", [
      statement,
    ])
  ).length;

test("50 connections at once to a branch that sleeps", async () => {
  await project.suspend(project.main);
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => sql(uri, "select $1::int as n", [n])),
  );
  expect(answers.map(([row]) => row?.n)).toEqual(Array.from({ length: 50 }, (_, n) => n));
});

test("a large result for a slow reader stays in Postgres, not in the engine", async () => {
  const client = new pg.Client(uri);
  await client.connect();
  global.gc?.();
  const before = process.memoryUsage().rss;
  // The stream below pg, read a little at a time.
  const { stream } = (client as unknown as { connection: { stream: NodeJS.ReadableStream } })
    .connection;
  const asked = client.query("select repeat('x', 100000) from generate_series(1, 2000)");
  stream.pause();
  let most = 0;
  for (let n = 0; n < 20; n += 1) {
    await sleep(50); // A second of a client that does not read: nobody may read on for it.
    most = Math.max(most, process.memoryUsage().rss - before);
  }
  expect(most / 2 ** 20).toBeLessThan(60);
  stream.resume();
  expect((await asked).rowCount).toBe(2000);
  await client.end();
});

testWith(psql, "COPY in and out", async () => {
  await sql(uri, "create table copied (n int, text text)");
  const lines = Array.from({ length: 50_000 }, (_, n) => `${n}\t${"text".repeat(n % 20)}\n`).join(
    "",
  );
  const into = await runPsql([uri, "-qc", "copy copied from stdin"], lines);
  expect(into.stderr).toBe("");
  const out = await runPsql([uri, "-qc", "copy (select * from copied order by n) to stdout"]);
  expect(out.stdout).toBe(lines);
});

test("a client that vanishes in the middle of a query leaves no session behind", async () => {
  const before = await sessions();
  const endless = "select count(*) from generate_series(1, 1e12)";
  const connecting = [1, 2, 3].map(async () => {
    const client = new pg.Client(uri);
    client.on("error", () => {});
    await client.connect();
    client.query(endless).catch(() => {});
    return client as unknown as { connection: { stream: { destroy(): void } } };
  });
  const clients = await Promise.all(connecting);
  await expect.poll(() => active(endless)).toBe(3);
  for (const { connection } of clients) connection.stream.destroy();
  await expect.poll(sessions, { interval: 300 }).toBe(before);
});

test("a client that vanishes while its branch wakes leaves no session behind", async () => {
  await project.suspend(project.main);
  const port = Number(new URL(uri).port);
  const body = Buffer.from("user\0neondb_owner\0database\0neondb\0\0");
  const packet = Buffer.alloc(8 + body.length);
  packet.writeInt32BE(packet.length, 0);
  packet.writeInt32BE(3 << 16, 4);
  body.copy(packet, 8);
  const sockets = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      socket.write(packet);
      return socket;
    }),
  );
  await sleep(5); // Waits for nothing: some moment of its waking.
  for (const socket of sockets) socket.destroy();
  const admin =
    "select count(*)::int as n from pg_stat_activity where state = 'starting' or usename is null and backend_type = 'client backend'";
  await expect.poll(async () => (await sql<{ n: number }>(uri, admin))[0]?.n).toBe(0);
});

test("cancelling reaches the query that it is meant for, and no other", async () => {
  const other = await project.branch("other");
  const slow = (at: string) =>
    connected(at, async (client) => {
      const from = Date.now();
      const outcome = await client.query("select pg_sleep(3)").then(
        () => "finished",
        (error: Error) => error.message,
      );
      return { outcome, ms: Date.now() - from };
    });
  const undisturbed = slow(other.uri);
  const client = new pg.Client(uri);
  await client.connect();
  const cancelled = client.query("select pg_sleep(600)").catch((error: Error) => error.message);
  await expect.poll(() => active("select pg_sleep(600)")).toBe(1);
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
  const request = Buffer.alloc(16);
  for (const [index, word] of [16, 80877102, processID, secretKey].entries()) {
    request.writeInt32BE(word, index * 4);
  }
  const socket = connect(Number(new URL(uri).port), "127.0.0.1");
  socket.write(request);
  await once(socket, "close");
  expect(await cancelled).toContain("canceling statement due to user request");
  expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  await client.end();
  expect((await undisturbed).outcome).toBe("finished");
  await project.delete(other);
});

test("the error of a wrong password, or a database that is not there, arrives as Postgres says it", async () => {
  await expect(sql(uriWith(uri, { password: "wrong" }), "select 1")).rejects.toMatchObject({
    code: "28P01",
    message: 'password authentication failed for user "neondb_owner"',
  });
  await expect(sql(uriWith(uri, { db: "nowhere" }), "select 1")).rejects.toMatchObject({
    code: "3D000",
    message: 'database "nowhere" does not exist',
  });
});

test("a disabled endpoint says so, with TLS and without", async () => {
  const other = await project.branch("disabled");
  await project.call(200, "PATCH", `/endpoints/${other.endpointId}`, {
    endpoint: { disabled: true },
  });
  await expect(sql(other.uri, "select 1")).rejects.toMatchObject({
    code: "57P03",
    message: expect.stringContaining("disabled"),
  });
  await project.call(200, "PATCH", `/endpoints/${other.endpointId}`, {
    endpoint: { disabled: false },
  });
  expect(await sql(other.uri, "select 1 as one")).toEqual([{ one: 1 }]);
  await project.delete(other);
});

describeWith(psql, "psql", () => {
  const ask = (settings: string, text: string) => runPsql([`${uri}?${settings}`, "-XAtc", text]);

  test("with TLS and channel binding required", async () => {
    const answer = await ask(
      "sslmode=require&channel_binding=require",
      "select ssl, version from pg_stat_ssl where pid = pg_backend_pid()",
    );
    expect(answer.stderr).toBe("");
    expect(answer.stdout.trim()).toBe("t|TLSv1.3");
  });

  test("without TLS, as a bare URI asks", async () => {
    expect((await ask("sslmode=disable", "select 1")).stdout.trim()).toBe("1");
  });

  test("Ctrl-C cancels the query through TLS as well", async () => {
    const child = spawn("psql", [`${uri}?sslmode=require`, "-XAtc", "select pg_sleep(600)"]);
    let complaint = "";
    child.stderr.on("data", (text) => {
      complaint += text;
    });
    await expect.poll(() => active("select pg_sleep(600)")).toBe(1);
    child.kill("SIGINT");
    await once(child, "exit");
    expect(complaint).toContain("canceling statement due to user request");
  });
});

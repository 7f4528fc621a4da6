import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { requestCodes, startupMessage } from "../../src/postgres/wire-messages.ts";
import { connected, sql, type TestProject } from "../support/branches.ts";
import { withEngine } from "../support/with-engine.ts";

/** Who connects and does not log in keeps nobody else out. */

let project: TestProject;
let uri: string;

withEngine(
  (fresh) => {
    project = fresh.project;
    uri = project.main.uri;
  },
  { history_retention_seconds: 0 },
);

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

const crowd = 1000;
const startup = startupMessage({ user: "neondb_owner", database: "neondb" });
const tls = Buffer.alloc(8);
tls.writeInt32BE(8, 0);
tls.writeInt32BE(requestCodes.ssl, 4);

async function gather(first: Buffer | undefined): Promise<void> {
  const port = Number(new URL(uri).port);
  await Promise.all(
    Array.from({ length: crowd }, async () => {
      const socket = connect(port, "127.0.0.1");
      sockets.push(socket);
      socket.on("error", () => {});
      await once(socket, "connect");
      if (first) socket.write(first);
    }),
  );
}

test.each([
  ["say nothing", undefined],
  ["say half a word", startup.subarray(0, 20)],
  ["say who they are, and no more", startup],
  ["ask for TLS, and no more", tls],
])(`${crowd} connections that %s: a client logs in, and the engine too`, async (_, first) => {
  await sql(uri, "select 1");
  await gather(first);
  const from = Date.now();
  expect(await sql(uri, "select 1 as n")).toEqual([{ n: 1 }]);
  expect(Date.now() - from).toBeLessThan(8000);
  const path = `/branches/${project.main.id}/schema?db_name=neondb`;
  await project.call(200, "GET", path);
});

test("clients that have logged in stay, however idle, while others come", async () => {
  await connected(uri, async (idle) => {
    await gather(startup);
    expect(await sql(uri, "select 1 as n")).toEqual([{ n: 1 }]);
    expect((await idle.query("select 2 as n")).rows).toEqual([{ n: 2 }]);
  });
});

test("60 clients at once all log in, and stay beside each other", async () => {
  const all = Array.from({ length: 60 }, (_, n) =>
    connected(uri, async (client) => {
      await client.query("select pg_sleep(1.5)");
      return (await client.query("select $1::int as n", [n])).rows[0].n;
    }),
  );
  expect(await Promise.all(all)).toEqual(Array.from({ length: 60 }, (_, n) => n));
});

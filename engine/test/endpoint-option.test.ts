import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { psql, testWith } from "../../scripts/test-support/needs.ts";
import { connected, sql, type TestProject } from "./support/branches.ts";
import { withEngine } from "./support/with-engine.ts";

/** Connection strings of clients whose TLS names no host: `options=endpoint%3D<id>`, with and without TLS. */

let project: TestProject;
withEngine((fresh) => {
  project = fresh.project;
});

const kinds: { name: string; ssl: pg.ClientConfig["ssl"] }[] = [
  { name: "in plain text", ssl: false },
  { name: "with TLS", ssl: { rejectUnauthorized: false } },
];

describe.each(kinds)("$name", ({ ssl }) => {
  let config: pg.ClientConfig;
  beforeAll(() => {
    const { hostname, port, username, password, pathname } = new URL(project.main.uri);
    const role = { user: username, password, database: pathname.slice(1) };
    config = { host: hostname, port: Number(port), ...role, ssl };
  });

  test("the endpoint's own name is taken out, and what stands beside it counts", async () => {
    const { endpointId } = project.main;
    for (const named of [`endpoint=${endpointId}`, `project=${project.id}`]) {
      const options = `-c geqo=off ${named} -c application_name=a\\ b`;
      const [row] = await sql(
        { ...config, options },
        `select current_setting('geqo') as geqo, current_setting('application_name') as app,
           (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as ssl`,
      );
      expect(row).toEqual({ geqo: "off", app: "a b", ssl: ssl !== false });
    }
  });

  test("another endpoint's is refused, and other options are Postgres' business", async () => {
    await expect(
      sql({ ...config, options: "endpoint=ep-other" }, "select 1"),
    ).rejects.toMatchObject({
      code: "08004",
      message: expect.stringContaining(project.main.endpointId),
    });
    await expect(sql({ ...config, options: "nothing=x" }, "select 1")).rejects.toMatchObject({
      code: expect.stringMatching(/^(42601|22023|42704)$/),
    });
    expect(
      await sql({ ...config, enableChannelBinding: true } as pg.ClientConfig, "select 1 as n"),
    ).toEqual([{ n: 1 }]);
  });

  test("much goes both ways, and a stop ends the session", async () => {
    const text = "x".repeat(3_000_000);
    await connected(config, async (client) => {
      const ended = new Promise((resolve) => client.once("end", resolve));
      const { rows } = await client.query("select $1 || 'y' as text", [text]);
      expect(rows[0].text).toBe(`${text}y`);
      await project.suspend(project.main);
      await ended;
    });
  });
});

test("who sends something with TLS keeps the branch awake", async () => {
  const branch = await project.branch("busy", undefined, {
    endpoint: { suspend_timeout_seconds: 1 },
  });
  await connected(
    { connectionString: branch.uri, ssl: { rejectUnauthorized: false } },
    async (client) => {
      for (let n = 0; n < 12; n += 1) {
        await client.query("select 1");
        await sleep(250);
      }
    },
  );
  await expect.poll(() => project.isRunning(branch), { timeout: 10_000 }).toBe(false);
  await project.delete(branch);
});

testWith(psql, "psql names the endpoint, and binds its log-in to the certificate", async () => {
  const url = new URL(project.main.uri);
  url.search = `?options=endpoint%3D${project.main.endpointId}&sslmode=require&channel_binding=require`;
  const { stdout } = await promisify(execFile)("psql", [url.href, "-Atc", "select 'in'"]);
  expect(stdout).toBe("in\n");
});

test("the serverless driver's string may name it in its options or before its password", async () => {
  const url = new URL(project.main.uri);
  const ask = async (change: { options?: string; password?: string }) => {
    const string = new URL(url);
    if (change.options) string.searchParams.set("options", change.options);
    if (change.password) string.password = encodeURIComponent(change.password);
    const answer = await fetch(`http://${url.host}/sql`, {
      method: "POST",
      headers: { "neon-connection-string": string.href },
      body: JSON.stringify({ query: "select 1 as n", params: [] }),
    });
    return { status: answer.status, body: await answer.text() };
  };
  const { endpointId } = project.main;
  expect((await ask({ options: `endpoint=${endpointId}` })).status).toBe(200);
  for (const mark of [";", "$"]) {
    const password = `endpoint=${endpointId}${mark}${url.password}`;
    expect((await ask({ password })).status).toBe(200);
  }
  const wrong = await ask({ options: "endpoint=ep-other" });
  expect(wrong.status).toBe(400);
  expect(wrong.body).toContain(endpointId);
  expect(wrong.body).not.toContain(url.password);
});

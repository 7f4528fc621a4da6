import { execFileSync } from "node:child_process";
import { parseEnv } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../../../scripts/test-support/needs.ts";
import { PrismBetween, prism } from "../../../scripts/test-support/prism.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import { plainEnvironment } from "../helpers/command.ts";
import { DsProject } from "../helpers/ds-project.ts";
import { dsInProcess } from "../helpers/in-process.ts";

// Every command that asks the API, through a proxy that holds its requests, and the answers, against Neon's description.

const tables = `create table organizations (id int primary key, name text);
  create table orders (id serial primary key, organization_id int not null references organizations, note text);`;

describeWith(prism, "ds through Prism", (program) => {
  const engine = new DsProject(`{ project: "engine" }`);
  const shop = new DsProject(`{
    project: "shop",
    seed: { command: "true" },
    audit: { grace: "1s" },
    stages: { prod: { project: "PRODUCTION" } },
    refresh: {
      from: "prod",
      tenant: { table: "organizations", column: "organization_id", demo: "1" },
      columns: { "organizations.name": { mask: "text", unique: false }, "orders.note": { mask: "token" } },
    },
  }`);
  let between: PrismBetween;
  let key = "";

  beforeAll(async () => {
    const { stdout } = await engine.run(["engine", "env"]);
    const { NEON_API_HOST = "", NEON_API_KEY = "" } = parseEnv(stdout.replaceAll("export ", ""));
    key = NEON_API_KEY;
    const api = async (method: string, path: string, body?: object) => {
      const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
      const answer = await fetch(`${NEON_API_HOST}${path}`, {
        method,
        headers,
        ...(body && { body: JSON.stringify(body) }),
      });
      return (await answer.json()) as {
        project: { id: string };
        connection_uris: { connection_uri: string }[];
      };
    };
    const { project, connection_uris } = await api("POST", "/projects", {
      project: { name: "production" },
    });
    const client = await connectPostgres(connection_uris[0]?.connection_uri ?? "", {
      what: "the test",
    });
    await client.query(`${tables} insert into organizations values (1, 'first'), (2, 'second')`);
    await client.end();
    shop.migrations.add("0000_shop", tables);
    shop.write(
      "ds.config.ts",
      `export default ${shop.config.replace("PRODUCTION", project.id)};\n`,
    );
    const git = (...args: string[]) =>
      execFileSync("git", args, { cwd: shop.path, stdio: "ignore" });
    git("init", "--quiet", "--initial-branch=main");
    git("-c", "user.name=x", "-c", "user.email=x", "commit", "--quiet", "--allow-empty", "-m", "x");
    git("branch", "feature/x");
    between = await PrismBetween.start(program, NEON_API_HOST);
  });

  afterAll(async () => {
    await between?.stop();
    await shop.remove();
    await engine.remove();
  });

  const ds = (...args: string[]) => ending(0, ...args);

  /** All of its requests and answers are as described. */
  async function ending(status: number, ...args: string[]): Promise<void> {
    const before = between.requests;
    const env = {
      ...plainEnvironment(),
      HOME: shop.folder,
      DS_HOME: shop.home,
      NEON_API_HOST: between.url,
      NEON_API_KEY: key,
    };
    const ended = await dsInProcess({ cwd: shop.path, home: shop.home, env }, [...args, "--json"]);
    expect(ended, ended.stderr).toMatchObject({ status });
    expect(between.violations).toEqual([]);
    expect(between.requests, "of the API").toBeGreaterThan(before);
  }

  test("what is not as described is found", async () => {
    await fetch(`${between.url}/projects`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ project: { name: 7 } }),
    });
    expect(between.violations.splice(0)).toEqual([
      expect.stringContaining("POST /api/v2/projects"),
    ]);
  });

  test("0 violations either way", async () => {
    await ds("setup", "--developer", "pat");
    await ds("db", "seed");
    await ds("db", "create", "extra", "--ttl", "7d");
    await ds("db", "create", "child", "--from", "extra");
    shop.migrations.add("0001_more", "create table more (id int)");
    await ds("db", "migrate", "--plan");
    await ds("db", "migrate", "--rehearse");
    await ds("db", "migrate");
    await ds("db", "diff");
    await ds("db", "reset", "--yes");
    await ds("db", "undo", "--yes");
    await ds("db", "restore", "--at", new Date().toISOString(), "--yes");
    for (const command of ["url", "current", "branches", "status"]) await ds("db", command);
    await ending(5, "db", "baseline", "--yes");
    await ending(5, "db", "resolve", "--applied", "0001_more", "--yes");
    await ds("deploy", "up", "feature/x");
    await ds("deploy", "list");
    await ds("deploy", "down", "feature/x", "--yes");
    await ds("db", "audit");
    await ds("db", "audit", "--reconcile", "--yes");
    await ds("db", "delete", "child", "--yes");
    await ds("db", "delete", "extra", "--yes");
    await ds("db", "refresh-staging", "--plan");
    await ds("db", "refresh-staging", "--yes");
    await ds("db", "refresh-staging", "--undo", "--yes");
    await ds("doctor");
  });
});

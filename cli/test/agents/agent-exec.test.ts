import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../../../scripts/test-support/until.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import { alive } from "../helpers/alive.ts";
import { describeDatabase } from "../helpers/drizzle/describe-database.ts";
import { installKit } from "../helpers/drizzle/kit.ts";
import { DsProject } from "../helpers/ds-project.ts";

// `ds agent exec` with commands that do what agents do, on a real engine.

const project = new DsProject(`{ project: "shop", limits: { branches: 3 } }`);
const pg = createRequire(import.meta.url).resolve("pg");

/** A script of the agent's; `sql` runs a statement on its database. */
function script(name: string, body: string): string {
  project.write(
    `${name}.cjs`,
    `const { Client } = require(${JSON.stringify(pg)});
     const { writeFileSync } = require("node:fs");
     const client = new Client({ connectionString: process.env.DATABASE_URL });
     const sql = async (text) => (await client.query(text)).rows;
     (async () => { await client.connect(); ${body}; await client.end(); })()
       .catch((error) => { console.error(error); process.exit(99); });`,
  );
  return `${name}.cjs`;
}

const exec = (args: string[], env: Record<string, string> = {}) =>
  project.run(["agent", "exec", ...args], env);
const said = (file: string) => JSON.parse(readFileSync(join(project.path, file), "utf8"));

async function branches(): Promise<string[]> {
  const { branches } = JSON.parse((await project.run(["db", "branches", "--json"])).stdout);
  return branches.map(({ name }: { name: string }) => name);
}

/** Everything that the branch of a stage holds. */
async function contents(stage: string): Promise<string[]> {
  const { stdout } = await project.run(["db", "url", "--target", stage]);
  const client = await connectPostgres(stdout.trim(), { what: "the test" });
  try {
    return await describeDatabase(client, { rows: true });
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  project.migrations.add(
    "0000_items",
    `create type mood as enum ('a', 'b');
     create table items (id int primary key, label text, mood mood);
     create index on items (label);
     insert into items select n, 'item ' || n, 'a' from generate_series(1, 500) n;
     create table notes (item int references items, body text);
     insert into notes select n, 'note' from generate_series(1, 100) n;`,
  );
  const setup = await project.run(["setup", "--developer", "pat"]);
  expect(setup.status, setup.stderr).toBe(0);
});
afterAll(() => project.remove());

test("a command on a branch of its own: its database and no other, its status, its changes", async () => {
  const file = script(
    "looks",
    `const tried = async (text) => sql(text).then(() => "done", ({ code }) => code);
     const url = new URL(process.env.DATABASE_URL);
     writeFileSync("looks.json", JSON.stringify({
       stage: process.env.DEVSTRIDE_STAGE, env: Object.keys(process.env), argv: process.argv,
       same: process.env.DATABASE_URL === process.env["OTHER" + "_URL"], url: url.href,
       rows: (await sql("select count(*)::int as n from items"))[0].n,
       role: await tried("create role other"), database: await tried("create database other"),
       owner: await tried("set role neondb_owner"), timeout: (await sql("show statement_timeout"))[0],
     }));
     await sql("alter table items add column size int; drop table notes");
     process.exit(5)`,
  );
  const env = readFileSync(join(project.path, ".env"), "utf8");
  writeFileSync(join(project.path, ".env"), `${env}OTHER_URL=${project.url}\n`);
  const main = await contents("main");
  const own = await contents("pat-local");
  const args = ["--name", "looks", "--json", "--", process.execPath, file];
  const { status, stdout, stderr } = await exec(args, { PRODUCTION_URL: "postgres://a:b@prod/x" });
  writeFileSync(join(project.path, ".env"), env);
  const document = JSON.parse(stdout);
  expect({ status, document }, stderr).toMatchObject({
    status: 5,
    document: {
      stage: "pat-agent-looks",
      branch: { name: "dev-pat-agent-looks", kept: false, expiresAt: null },
      command: { status: 5, signal: null },
      rows: { base: "main", tables: [], notCompared: [{ table: "notes", why: "ONLY_IN_BASE" }] },
    },
  });
  const names = document.changes.map(({ change, name }: Record<string, string>) => [change, name]);
  expect(names).toEqual(
    expect.arrayContaining([
      ["added", "size"],
      ["removed", "notes"],
    ]),
  );
  const looked = said("looks.json");
  expect(looked).toMatchObject({
    stage: "pat-agent-looks",
    same: true,
    rows: 500,
    role: "42501",
    database: "42501",
    owner: "42501",
    timeout: { statement_timeout: "5min" },
  });
  expect(looked.env).not.toContain("PRODUCTION_URL");
  // Its password opens no other branch, by whatever role.
  const agent = new URL(looked.url);
  expect(`${stdout}${stderr}`).not.toContain(agent.password);
  for (const user of ["ds_agent", "neondb_owner"]) {
    const other = new URL(project.url);
    other.username = user;
    other.password = agent.password;
    await expect(connectPostgres(other.href, { what: "another branch" })).rejects.toMatchObject({
      details: { cause: "28P01" },
    });
  }
  expect(await branches()).toEqual(["main", "dev-pat-local"]);
  expect(await contents("main")).toEqual(main);
  expect(await contents("pat-local")).toEqual(own);
  expect(readdirSync(join(project.home, "agents"))).toEqual([]);
});

test("whatever a run destroys, undo brings back the state before it; a reset is refused", async () => {
  installKit("0.31", project.path);
  project.write("empty.ts", `export {};`);
  project.write(
    "drizzle.config.ts",
    `export default { dialect: "postgresql", schema: "./empty.ts", out: "./drizzle",
       dbCredentials: { url: process.env.DATABASE_URL! } };`,
  );
  const before = await contents("main");
  const force = `require("node:child_process").execFileSync(process.execPath,
    ["node_modules/drizzle-kit/bin.cjs", "push", "--force"], { stdio: "ignore" })`;
  const first = script(
    "first",
    `await sql("delete from notes"); await sql("truncate items cascade"); ${force}`,
  );
  const args = ["--name", "wild", "--keep", "--", process.execPath];
  const done = await exec([...args, first]);
  expect(done.status, done.stderr).toBe(0);
  const target = ["--target", "pat-agent-wild"];
  expect(await contents("pat-agent-wild")).not.toEqual(before);
  const reset = await project.run(["db", "reset", "--yes", "--json", ...target]);
  expect(JSON.parse(reset.stdout).error).toMatchObject({ code: "REFUSED", reason: "AGENT_BRANCH" });
  const undone = await project.run(["db", "undo", "--yes", "--json", ...target]);
  expect(JSON.parse(undone.stdout), undone.stderr).toMatchObject({ undone: { what: "agent" } });
  expect(await contents("pat-agent-wild")).toEqual(before);
  const diff = await project.run(["db", "diff", "pat-agent-wild", "--json"]);
  expect(JSON.parse(diff.stdout)).toMatchObject({ equal: true });

  const taken = await exec([...args, first]);
  expect(taken.status).toBe(5);
  // Not even the note of the moment is left in the database.
  const drops = `await sql("drop schema public cascade; drop schema __ds cascade; drop schema drizzle cascade")`;
  const second = script("second", drops);
  const again = await exec(["--name", "wild", "--resume", "--", process.execPath, second]);
  expect(again.status, again.stderr).toBe(0);
  expect((await project.run(["db", "undo", "--yes", ...target])).status).toBe(0);
  expect(await contents("pat-agent-wild")).toEqual(before);
  expect((await project.run(["db", "delete", "dev-pat-agent-wild", "--yes"])).status).toBe(0);
});

test("twice at once is refused; what a killed run has left is made anew; a signal is the command's", async () => {
  const file = script(
    "waits",
    `writeFileSync("waits.json", String(process.pid)); await sql("select pg_sleep(600)")`,
  );
  const args = ["--name", "twin", "--json", "--", process.execPath, file];
  const pidOf = () => until("the command runs", () => said("waits.json") as number);
  const first = project.start(["agent", "exec", ...args]);
  const pid = await pidOf();
  const second = JSON.parse((await exec(args)).stdout);
  expect(second.error).toMatchObject({ code: "CONFLICT", reason: "AGENT_RUNNING" });
  first.child.kill("SIGKILL");
  await until("it is gone", () => !alive(first.child.pid ?? 0));
  const orphan = JSON.parse((await exec(args)).stdout);
  expect(orphan.error).toMatchObject({ reason: "AGENT_RUNNING", pid });
  process.kill(pid, "SIGKILL");
  await until("the command is gone", () => !alive(pid));

  const third = project.start(["agent", "exec", ...args]);
  const next = await until("its successor runs", () => {
    const found = said("waits.json") as number;
    return found !== pid && found;
  });
  third.child.kill("SIGTERM");
  const { status, stdout, stderr } = await third.ended;
  expect({ status, document: JSON.parse(stdout) }, stderr).toMatchObject({
    status: 143,
    document: { command: { signal: "SIGTERM" }, branch: { kept: false } },
  });
  expect(alive(next)).toBe(false);
  expect(await branches()).not.toContain("dev-pat-agent-twin");
});

test("an owner has no more branches than ds.config.ts allows", async () => {
  for (const name of ["one", "two"]) {
    expect((await project.run(["db", "create", name, "--no-endpoint"])).status).toBe(0);
  }
  for (const args of [
    ["db", "create", "three"],
    ["agent", "exec", "--", "true"],
  ]) {
    const [command, ...rest] = args.join(" ").split(" -- ");
    const { stdout } = await project.run([
      ...(command ?? "").split(" "),
      "--json",
      ...(rest.length > 0 ? ["--", ...rest] : []),
    ]);
    expect(JSON.parse(stdout).error).toMatchObject({ code: "REFUSED", reason: "OWNER_LIMIT" });
  }
  for (const name of ["one", "two"]) {
    expect((await project.run(["db", "delete", name, "--yes"])).status).toBe(0);
  }
});

test("what agents are told comes and goes to the byte; links are followed within the repository", async () => {
  const file = (name: string) => join(project.path, name);
  project.write("AGENTS.md", "# Ours\n\nno end");
  symlinkSync("AGENTS.md", file("CLAUDE.md"));
  project.write(".mcp.json", '{ "mcpServers": { "ds": { "command": "mine" } } }');
  const before = ["AGENTS.md", ".mcp.json"].map((name) => readFileSync(file(name), "utf8"));
  const shown = await project.run(["agent", "install"]);
  expect(shown.status).toBe(2);
  expect(shown.stderr).toContain("## Database");
  expect(readFileSync(file("AGENTS.md"), "utf8")).toBe(before[0]);
  const done = await project.run(["agent", "install", "agents-md", "claude", "--yes", "--json"]);
  const states = JSON.parse(done.stdout).files.map(
    ({ path, state }: Record<string, string>) => `${path} ${state}`,
  );
  expect(states).toEqual(["AGENTS.md changed", ".mcp.json left", ".claude/settings.json changed"]);
  expect(lstatSync(file("CLAUDE.md")).isSymbolicLink()).toBe(true);
  expect((await project.run(["agent", "uninstall", "--yes"])).status).toBe(0);
  const after = ["AGENTS.md", ".mcp.json"].map((name) => readFileSync(file(name), "utf8"));
  expect(after).toEqual(before);
  expect(existsSync(file(".claude/settings.json"))).toBe(false);

  rmSync(file("CLAUDE.md"));
  symlinkSync(join(project.folder, "elsewhere.md"), file("CLAUDE.md"));
  writeFileSync(join(project.folder, "elsewhere.md"), "theirs\n");
  const refused = await project.run(["agent", "install", "claude", "--yes", "--json"]);
  expect(JSON.parse(refused.stdout).error).toMatchObject({ reason: "FILE_OUTSIDE" });
});

test("bad usage, and a program that is not there, leave no branch", async () => {
  const errorOf = async (args: string[]) =>
    JSON.parse((await exec([...args, "--json"])).stdout).error;
  expect(await errorOf([])).toMatchObject({ code: "USAGE", reason: "FLAG_MISSING" });
  const missing = await exec(["--json", "--name", "none", "--", "no-such-program"]);
  expect(JSON.parse(missing.stdout).error).toMatchObject({ reason: "PROGRAM_NOT_STARTED" });
  const name = await exec(["--json", "--name", "A b", "--", "true"]);
  expect(JSON.parse(name.stdout).error).toMatchObject({ reason: "NAME_INVALID" });
  expect(await branches()).toEqual(["main", "dev-pat-local"]);
});

// More than 300 lines: its cases share one server, whose start takes longer than any of them.

import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectPostgres } from "../src/postgres/io/connect.ts";
import { DsProject } from "./helpers/ds-project.ts";

// reset, connect and local run: the built command against the real engine.

const project = new DsProject(`{
  project: "shop",
  seed: { command: "node seed.mjs {size}", size: "0" },
  processes: {
    web: { command: "node web.mjs", port: Number(process.env.TEST_WEB_PORT ?? 4711) },
    worker: { command: "node worker.mjs" },
    broken: { command: "exit 7" },
  },
}`);

async function query<T>(text: string, url = project.url): Promise<T[]> {
  const client = await connectPostgres(url, { what: "the test" });
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  project.migrations.add("0000_a", "create table a (id int); insert into a values (1);");
  project.write(
    "web.mjs",
    `const { DATABASE_URL, DEVSTRIDE_STAGE, PORT } = process.env;
     console.log("web", new URL(DATABASE_URL).pathname, DEVSTRIDE_STAGE, PORT, process.pid);
     setInterval(() => {}, 1000);`,
  );
  project.write(
    "seed.mjs",
    `import pg from "${import.meta.resolve("pg")}";
     const rows = Number(process.argv[2]);
     const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
     await client.connect();
     await client.query("insert into a select generate_series(2, $1 + 1)", [rows]);
     await client.end();
     console.error(rows === 4 ? "no such luck" : "loaded");
     process.exit(rows === 4 ? 3 : 0);`,
  );
  project.write("worker.mjs", `console.error("worker is up"); setInterval(() => {}, 1000);`);
  const setup = await project.run(["setup", "--developer", "pat"]);
  expect(setup.status, setup.stderr).toBe(0);
  // Pending on the developer's branch, and never applied to main.
  project.migrations.add("0001_b", "create table b (id int);");
});
afterAll(() => project.remove());

/** The own branch has all migrations of the folder, and no others. */
async function leveled(): Promise<void> {
  const reset = await project.run(["db", "reset", "--yes"]);
  expect(reset.status, reset.stderr).toBe(0);
}

/** Of the own branch; each has an end. */
async function recoveryPoints(): Promise<string[]> {
  const { branches } = JSON.parse((await project.run(["db", "branches", "--json"])).stdout);
  const points = branches.filter(
    (branch: { recoveryPointOf: { branch: string } | null }) =>
      branch.recoveryPointOf?.branch === "dev-pat-local",
  );
  for (const { expiresAt } of points) expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
  return points.map(({ name }: { name: string }) => name);
}

describe("doctor", () => {
  const examine = async (env: Record<string, string> = {}) => {
    const done = await project.run(["doctor", "--json"], env);
    const report = JSON.parse(done.stdout);
    const findings = Object.fromEntries(
      report.checks.map((found: { check: string }) => [found.check, found]),
    );
    return { ...done, report, findings };
  };

  test("a project in order: what it found, and the one thing to do", async () => {
    await leveled();
    project.migrations.add("0005_later", "create table later (id int);");
    const { status, report, findings } = await examine();
    expect({ status, said: report.status }).toEqual({ status: 0, said: "ok" });
    expect(findings.branch.says).toContain("dev-pat-local of shop, stage pat-local");
    expect(findings.database).toMatchObject({ health: "ok" });
    expect(findings.clock).toMatchObject({ health: "ok" });
    expect(findings["env values"]).toMatchObject({ health: "ok" });
    expect(findings.ledger).toMatchObject({
      health: "warning",
      says: "not applied yet: 0005_later",
      fix: "Apply them: ds db migrate",
    });
    const { stdout } = await project.run(["doctor"]);
    expect(stdout).toMatch(/^✓ config +ds\.config\.ts$/m);
    expect(stdout).toMatch(/\n\d warnings?\.\n$/);
    expect(stdout).not.toContain(new URL(project.url).password);
    project.migrations.takeOut("0005_later");
  });

  test("an env file that others read and that leads elsewhere, an edited migration: each with its fix", async () => {
    const env = join(project.path, ".env");
    const before = readFileSync(env, "utf8");
    writeFileSync(env, before.replace(/^(DATABASE_URL=.*:)[^:@]*@/m, "$1other@"));
    chmodSync(env, 0o644);
    project.migrations.edit("0000_a.sql", "create table a (id bigint);");
    const { status, stderr, report, findings } = await examine();
    expect(status).toBe(6);
    expect(stderr).toContain("1 problem found: ledger");
    expect(report).toMatchObject({ status: "problem", error: { code: "MIGRATION_REFUSED" } });
    expect(findings["env file"].fix).toContain("chmod 600 .env");
    expect(findings["env values"].says).toContain("DATABASE_URL has another password");
    project.migrations.edit("0000_a.sql", "<<<<<<< HEAD\ncreate table a (id int);");
    const conflict = await examine();
    expect(conflict.findings.migrations.says).toContain("0000_a.sql");
    expect(conflict.findings.ledger.health).toBe("skipped");

    project.migrations.edit("0000_a.sql", "create table a (id int); insert into a values (1);");
    writeFileSync(env, before, { mode: 0o600 });
    chmodSync(env, 0o600);
    expect((await examine()).status).toBe(0);
  });

  test("a drizzle config with another ledger: 3, and a reset is refused before it begins", async () => {
    const drizzle = (more: string) =>
      project.write("drizzle.config.ts", `export default { dialect: "postgresql", ${more} };`);
    drizzle(`migrations: { table: "log" }`);
    const { status, findings } = await examine();
    expect(status).toBe(3);
    expect(findings["drizzle config"]).toMatchObject({
      health: "problem",
      code: "CONFIG_INVALID",
      fix: expect.stringContaining(`table: "log"`),
    });
    const before = await recoveryPoints();
    expect((await project.run(["db", "reset", "--yes"])).status).toBe(3);
    expect(await recoveryPoints()).toEqual(before);
    drizzle("");
    expect((await examine()).findings["drizzle config"]).toMatchObject({
      health: "ok",
      says: "drizzle.config.ts has the same ledger",
    });
    rmSync(join(project.path, "drizzle.config.ts"));
  });

  test("an API that does not answer: what needs it is not checked", async () => {
    const { status, findings } = await examine({
      NEON_API_HOST: "http://127.0.0.1:1/api/v2",
      NEON_API_KEY: "secret-key",
    });
    expect(status).toBe(8);
    expect(findings.api.health).toBe("problem");
    expect(findings.branch.health).toBe("skipped");
    expect(JSON.stringify(findings)).not.toContain("secret-key");
  });
});

test("completion: stages, branches, migrations and processes of this project", async () => {
  const names = async (...words: string[]) =>
    (await project.run(["__complete", ...words])).stdout
      .split("\n")
      .map((line) => line.trim())
      // Other tests leave recovery points.
      .filter((name) => !/^(dev-)?pat-local-before-/.test(name));
  expect(await names("db", "reset", "--target", "p")).toEqual(["pat-local", ""]);
  expect(await names("db", "delete", "")).toEqual(["main", "dev-pat-local", ""]);
  expect(await names("db", "resolve", "--applied", "0001")).toEqual(["0001_b", ""]);
  expect(await names("local", "run", "w")).toEqual(["web", "worker", ""]);
});

describe("a hint leads on", () => {
  /** What a hint says to run, as it stands there. */
  const run = async (hint: string, command: RegExp) => {
    const [line] = command.exec(hint) ?? [];
    expect(line, hint).toBeDefined();
    const done = await project.run(
      (line as string).replace("<name>", "copied").split(" ").slice(1),
    );
    expect(done.status, done.stderr).toBe(0);
  };
  const refused = async (args: string[], env: Record<string, string> = {}) => {
    const { stdout } = await project.run([...args, "--json"], env);
    return JSON.parse(stdout).error as { reason: string; hint: string };
  };

  test("a stage that a variable names, and that has no branch", async () => {
    const env = { DEVSTRIDE_STAGE: "x-hotfix" };
    const { reason, hint } = await refused(["db", "status"], env);
    expect(reason).toBe("BRANCH_NOT_FOUND");
    await run(hint, /ds db create dev-x-hotfix/);
    expect(await project.run(["db", "status"], env)).toMatchObject({ status: 0 });
    await project.run(["db", "delete", "dev-x-hotfix", "--yes"]);
  });

  test("a branch without an endpoint", async () => {
    await project.run(["db", "create", "bare", "--no-endpoint"]);
    const { reason, hint } = await refused(["db", "url", "--branch", "bare"]);
    expect(reason).toBe("ENDPOINT_NOT_FOUND");
    await run(hint, /ds db create <name> --from bare/);
    expect(await project.run(["db", "url", "--branch", "copied"])).toMatchObject({ status: 0 });
    for (const name of ["copied", "bare"]) await project.run(["db", "delete", name, "--yes"]);
  });
});

describe("local run", () => {
  test("one process: the connection in its environment, SIGTERM to all of it, 143", async () => {
    const running = project.start(["local", "run", "web"]);
    await running.says(/web \/neondb pat-local 4711 \d+/);
    const pid = Number(/4711 (\d+)/.exec(running.stdout)?.[1]);
    expect(running.stderr).toMatch(/stage pat-local, branch dev-pat-local \(br-/);

    const second = await project.run(["local", "run", "web"]);
    expect(second).toMatchObject({ status: 5 });
    expect(second.stderr).toContain(
      `web is running already, under ds with pid ${running.child.pid}`,
    );

    running.child.kill("SIGTERM");
    expect((await running.ended).status).toBe(143);
    expect(() => process.kill(pid, 0)).toThrow();
  });

  test("kill -9 leaves an orphan; the next run ends it", async () => {
    const killed = project.start(["local", "run", "web"]);
    await killed.says(/4711 \d+/);
    const orphan = Number(/4711 (\d+)/.exec(killed.stdout)?.[1]);
    const records = join(project.home, "run");
    const noted = () => readdirSync(records).some((name) => /^run-web-\w+\.json$/.test(name));
    await killed.reaches("its record", noted);
    killed.child.kill("SIGKILL");
    const next = project.start(["local", "run", "web"]);
    await next.says(/ended what an earlier run had left/);
    await next.says(/4711 \d+/);
    expect(() => process.kill(orphan, 0)).toThrow();
    next.child.kill("SIGINT");
    expect((await next.ended).status).toBe(130);
    await killed.ended;
  });

  test("a taken port: who has it, and the start as soon as it is free", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const running = project.start(["local", "run", "web"], { TEST_WEB_PORT: String(port) });
    await running.says(`web: port ${port} is taken by`);
    expect(running.stderr).toContain(`(pid ${process.pid})`);
    expect(running.stdout).toBe("");
    server.close();
    await running.says(new RegExp(`${port} \\d+`));
    running.child.kill("SIGTERM");
    expect((await running.ended).status).toBe(143);
  });

  test("a taken port, and Ctrl-C while it is waited for", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const running = project.start(["local", "run", "web"], { TEST_WEB_PORT: String(port) });
    await running.says(`port ${port} is taken by`);
    running.child.kill("SIGINT");
    expect(await running.ended).toMatchObject({ status: 130, stdout: "" });
    server.close();
  });

  test("a command that fails at once: its status, after three attempts", async () => {
    const { status, stderr } = await project.run(["local", "run", "broken"]);
    expect(status).toBe(7);
    expect(stderr).toContain("broken exited with status 7 three times right after its start");
  });

  test("all of them: lines with names; one that fails for good ends the others", async () => {
    const { status, stdout } = await project.run(["local", "run"]);
    expect(status).toBe(7);
    expect(stdout).toMatch(/^web {4}\| web \/neondb/m);
    expect(stdout).toMatch(/^worker \| worker is up$/m);
  });

  test("pending migrations: a warning, and with --migrate none are left", async () => {
    await leveled();
    project.migrations.add("0006_run", "create table run (id int);");
    const warned = await project.run(["local", "run", "broken"]);
    expect(warned.stderr).toContain("1 migration pending on branch dev-pat-local");
    const shared = await project.run(["local", "run", "broken", "--migrate", "--target", "main"]);
    expect(shared.status).toBe(6);
    const applied = await project.run(["local", "run", "broken", "--migrate"]);
    expect(applied.stderr).toContain("0006_run");
    expect(await query("select to_regclass('run')::text as name")).toEqual([{ name: "run" }]);
    project.migrations.takeOut("0006_run");
    await leveled();
  });

  test("a name that is not configured: 2, with those that are", async () => {
    const { status, stderr } = await project.run(["local", "run", "wbe"]);
    expect(status).toBe(2);
    expect(stderr).toContain("web, worker, broken");
  });
});

describe("connect", () => {
  test("psql gets its arguments, and the password through its environment alone", async () => {
    const bin = join(project.folder, "bin");
    mkdirSync(bin);
    // Stands in for psql, which not every machine has: shows how it was called.
    const script = '#!/bin/sh\nfor a in "$@"; do echo "arg:$a"; done; env | grep ^PG; exit 3\n';
    writeFileSync(join(bin, "psql"), script, { mode: 0o755 });
    const { status, stdout } = await project.run(["db", "connect", "--", "-c", "select 1"], {
      PATH: `${bin}:${process.env.PATH}`,
    });
    expect(status).toBe(3);
    const { password, port, username } = new URL(project.url);
    expect(stdout.match(/^arg:.*$/gm)).toEqual(["arg:-c", "arg:select 1"]);
    expect(stdout).toContain(`PGPASSWORD=${password}\n`);
    expect(stdout).toContain(`PGPORT=${port}\n`);
    expect(stdout).toContain(`PGUSER=${username}\n`);
  });

  const withoutPsql = { PATH: "/nonexistent" };

  test("without psql, -c: results, what \\d shows, and 1 where the server refuses", async () => {
    const commands = [
      "create table prompted (id int primary key)",
      "\\d prompted",
      "select 7 as seven",
    ];
    const options = commands.flatMap((command) => ["-c", command]);
    const { status, stdout } = await project.run(["db", "connect", "--", ...options], withoutPsql);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^CREATE TABLE\n/);
    expect(stdout).toContain('"prompted_pkey" PRIMARY KEY, btree (id)');
    expect(stdout).toContain(" seven\n-------\n     7\n(1 row)\n");
    const refused = await project.run(
      ["db", "connect", "--", "-c", "selec 1", "-c", "select 8"],
      withoutPsql,
    );
    expect(refused.status).toBe(1);
    expect(refused.stdout).toBe("");
    expect(refused.stderr).toContain("LINE 1: selec 1\n        ^\n");
  });

  test("without psql, statements from a pipe: all of them, whatever the server says of one", async () => {
    const input =
      "begin; create table piped (id int);\nselec;\nrollback;\ncopy prompted from stdin;\nselect 'a;\nb' as x";
    const said = await project.run(["db", "connect"], withoutPsql, input);
    expect(said.status).toBe(0);
    expect(said.stdout).toBe("BEGIN\nCREATE TABLE\nROLLBACK\n x\n----\n a;+\n b\n(1 row)\n\n");
    expect(said.stderr).toContain("needs psql");
  });

  test("without psql, its other arguments: 3 and ds db url", async () => {
    const { status, stderr } = await project.run(["db", "connect", "--", "-At"], withoutPsql);
    expect(status).toBe(3);
    expect(stderr).toContain("ds db url");
  });

  test("--json: 2, as psql speaks to a person", async () => {
    const { status, stdout } = await project.run(["db", "connect", "--json"]);
    expect(status).toBe(2);
    expect(JSON.parse(stdout).error.code).toBe("USAGE");
  });
});

describe("seed", () => {
  const rows = () => query<{ id: number }>("select id from a order by id");

  test("loads into the own branch, and names the command that is rid of it, which works", async () => {
    const before = await rows();
    const { status, stdout, stderr } = await project.run(["db", "seed", "--size", "2", "--json"]);
    expect(status, stderr).toBe(0);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      status: "seeded",
      stage: "pat-local",
      branch: { name: "dev-pat-local" },
      size: "2",
    });
    expect(await rows()).toEqual([...before, { id: 2 }, { id: 3 }]);
    const back = await project.run(["db", "restore", "--at", document.before, "--yes"]);
    expect(back.status, back.stderr).toBe(0);
    expect(await rows()).toEqual(before);
  });

  test("a command that fails: 8, what it said, and how to be rid of what it has loaded", async () => {
    const { status, stdout, stderr } = await project.run(["db", "seed", "--size", "4", "--json"]);
    expect(status).toBe(8);
    const { error } = JSON.parse(stdout);
    expect(error).toMatchObject({ code: "UPSTREAM", reason: "SEED_FAILED" });
    for (const said of ["node seed.mjs 4", "no such luck"]) {
      expect(error.message).toContain(said);
      expect(stderr).toContain(said);
    }
    expect(stdout).not.toContain(new URL(project.url).password);
    expect(stderr).not.toContain(new URL(project.url).password);
    const back = /to be rid of that: ds (db restore --at \S+)/.exec(stderr)?.[1];
    expect((await project.run([...(back ?? "").split(" "), "--yes"])).status).toBe(0);
    expect(await rows()).toEqual([{ id: 1 }]);
  });

  test.each([
    [["--target", "main"], 6],
    [["--size", "1; true"], 2],
  ])("refused: %j, %i", async (args, status) => {
    expect((await project.run(["db", "seed", ...args])).status).toBe(status);
    expect(await rows()).toEqual([{ id: 1 }]);
  });
});

test("a branch of any name: create says how to connect, and url leads to it", async () => {
  const made = await project.run(["db", "create", "try it"]);
  expect(made.status, made.stderr).toBe(0);
  expect(made.stdout).toContain("To connect: ds db connect --branch 'try it'\n");
  const { stdout } = await project.run(["db", "url", "--branch", "try it"]);
  await query("create table only_there (id int)", stdout.trim());
  expect(await query("select to_regclass('only_there') as t")).toEqual([{ t: null }]);
  expect((await project.run(["db", "url", "--branch", "no"])).status).toBe(4);
  const both = await project.run(["db", "url", "--branch", "try it", "--target", "main"]);
  expect(both.status).toBe(2);
  expect((await project.run(["db", "delete", "try it", "--yes"])).status).toBe(0);
});

describe("reset", () => {
  test("refused for main, --yes or not", async () => {
    for (const yes of [[], ["--yes"]]) {
      expect((await project.run(["db", "reset", "--target", "main", ...yes])).status).toBe(6);
    }
  });

  test("to main as it is now: the state before is kept, migrations are applied, the URL stays", async () => {
    const before = project.url;
    for (const round of [1, 2]) {
      await query(`create table only_here_${round} (id int)`);
      const { status, stdout, stderr } = await project.run(["db", "reset", "--yes", "--json"]);
      expect(status, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        status: "reset",
        stage: "pat-local",
        branch: { name: "dev-pat-local" },
        source: { name: "main" },
        recoveryPoint: { name: expect.stringMatching(/^dev-pat-local-before-reset-\d{17}$/) },
        migrations: { applied: ["0001_b"] },
      });
      expect(project.url).toBe(before);
      expect(await query(`select to_regclass('only_here_${round}') as t`)).toEqual([{ t: null }]);
    }
    const { stdout } = await project.run(["db", "branches"]);
    expect(stdout).toMatch(/^ +[├└]─ before reset, \d\d:\d\d +\d+s ago/m);
    for (const line of stdout.split("\n")) expect(line.length, stdout).toBeLessThanOrEqual(80);
  });

  test("undo, reset and restore in any order: at most three recovery points, each with an end", async () => {
    await leveled();
    const position = async () => {
      const [{ lsn = "" } = {}] = await query<{ lsn: string }>(
        "select pg_current_wal_flush_lsn()::text as lsn",
      );
      return lsn;
    };
    for (const change of ["undo", "reset", "undo", "undo", "restore", "reset", "restore", "undo"]) {
      const at = change === "restore" ? ["--at", await position()] : [];
      const { status, stderr } = await project.run(["db", change, ...at, "--yes"]);
      expect(status, stderr).toBe(0);
      expect((await recoveryPoints()).length).toBeLessThanOrEqual(3);
    }
    expect(await recoveryPoints()).toHaveLength(3);
    const status = JSON.parse((await project.run(["db", "status", "--json"])).stdout);
    expect(status.branch.parent.name).toBe("main");
  });

  test("a failing migration: the branch is reset all the same, and the command that goes on is named", async () => {
    project.migrations.add("0002_c", "create table c (id int, id int);");
    await query("create table only_here (id int)");
    const failed = await project.run(["db", "reset", "--yes"]);
    expect(failed.status).toBe(7);
    expect(failed.stderr).toContain(
      "dev-pat-local is reset, but not all of its migrations are applied",
    );
    expect(failed.stderr).toContain("ds db migrate");
    expect(await query("select to_regclass('only_here') as t")).toEqual([{ t: null }]);

    const before = (await recoveryPoints()).find((name) => failed.stderr.includes(name));
    expect(before).toBeDefined();
    // Tried again and again: what it was before the first time stays, with its end.
    for (let round = 0; round < 3; round += 1) {
      expect((await project.run(["db", "reset", "--yes"])).status).toBe(7);
    }
    expect(await recoveryPoints()).toContain(before);
    project.migrations.edit("0002_c.sql", "create table c (id int);");
    expect((await project.run(["db", "migrate"])).status).toBe(0);
    project.migrations.takeOut("0002_c");
    await leveled();
  });

  test("Ctrl-C: the branch is as before or reset, and it says which", async () => {
    for (const moment of [0, 300, 900]) {
      await query("create table if not exists mine (id int)");
      const running = project.start(["db", "reset", "--yes"]);
      await running.says(/to be reset to main/);
      await sleep(moment); // Waits for nothing: moments of the work that follows.
      running.child.kill("SIGINT");
      const { status, stderr } = await running.ended;
      const [row] = await query<{ mine: string | null }>(
        "select to_regclass('mine')::text as mine",
      );
      // Where it was faster, its result is there, and the status is that of the result.
      if (status === 0) expect(row?.mine).toBe(null);
      else {
        expect(status, stderr).toBe(130);
        expect(stderr).toMatch(
          row?.mine ? /; nothing was changed\.$/m : /; dev-pat-local was reset/,
        );
      }
      expect((await project.run(["db", "migrate"])).status).toBe(0);
    }
  });
});

test("questions of last time lead nobody astray: another branch has the name now", async () => {
  await leveled();
  const before = JSON.parse((await project.run(["db", "status", "--json"])).stdout);
  expect(before.branch.name).toBe("dev-pat-local");
  await project.run(["db", "migrate"]);
  const kept = await recoveryPoints();
  expect(kept).not.toEqual([]);
  const deleted = await project.run(["db", "delete", "dev-pat-local", "--yes", "--json"]);
  const { recoveryPoints: points } = JSON.parse(deleted.stdout);
  expect(points.deleted.map(({ name }: { name: string }) => name).sort()).toEqual(kept.sort());
  expect(await recoveryPoints()).toEqual([]);
  const gone = await project.run(["db", "migrate", "--json"]);
  expect(gone).toMatchObject({ status: 4 });
  expect(JSON.parse(gone.stdout).error).toMatchObject({
    code: "NOT_FOUND",
    reason: "BRANCH_NOT_FOUND",
    message: expect.stringContaining("dev-pat-local"),
  });

  expect((await project.run(["db", "create", "dev-pat-local"])).status).toBe(0);
  // What is kept of the branch before is not this one's past.
  expect(await project.run(["db", "undo", "--yes"])).toMatchObject({ status: 4 });
  const migrated = await project.run(["db", "migrate"]);
  expect(migrated.status, migrated.stderr).toBe(0);
  const after = JSON.parse((await project.run(["db", "status", "--json"])).stdout);
  expect(after.branch.id).not.toBe(before.branch.id);
  expect(migrated.stderr).toContain(after.branch.id);
  expect(migrated.stdout).toMatch(/^Applied \d migrations? to branch dev-pat-local/);
});

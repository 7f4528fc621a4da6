import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { psql, testWith } from "../../scripts/test-support/needs.ts";
import { repository } from "../support/checkout.ts";
import { query } from "../support/database.ts";
import { DrizzleProject } from "../support/drizzle-kit.ts";
import { NeonMachine } from "../support/neon.ts";
import { ended, run, succeeded } from "../support/run.ts";

/** What applications and their tools connect with, on the strings that Neon's clients give them. */
describe("drivers and drizzle-kit", () => {
  const machine = new NeonMachine();
  let project: string;
  let url: string;
  let main: string;

  beforeAll(async () => {
    await machine.start();
    project = await machine.createProject("shop");
    await machine.text("branches", "create", "--name", "f1");
    [main, url] = [await machine.url(project, "main"), await machine.url(project, "f1")];
  });

  afterAll(() => machine.close());

  testWith(psql, "psql: TLS and channel binding, as neon's string asks", async (program) => {
    const ask = async (string: string) => {
      const { username, password, host, pathname, search } = new URL(string);
      return run(
        program,
        [`postgresql://${username}@${host}${pathname}${search}`, "-AtX", "-c", sql],
        {
          cwd: machine.folder,
          env: { ...machine.sandbox.env, PGPASSWORD: decodeURIComponent(password) },
        },
      );
    };
    const sql = "select ssl, version from pg_stat_ssl where pid = pg_backend_pid()";
    const asked = await machine.text("cs", "f1");
    expect(new URL(asked).search).toBe("?sslmode=require&channel_binding=require");
    expect(succeeded(await ask(asked)).stdout.trim()).toBe("t|TLSv1.3");
    const plain = `${url}?sslmode=disable`;
    expect(succeeded(await ask(plain)).stdout.trim()).toBe("f|");
    // Without TLS there is nothing to bind to: psql itself has to refuse.
    ended(await ask(`${plain}&channel_binding=require`), 2);
    const wrong = new URL(asked);
    wrong.password = "npg_wrong";
    expect(ended(await ask(wrong.href), 2).stderr).toContain("password authentication failed");
  });

  test("pg: a pool, prepared statements, TLS and LISTEN", async () => {
    const pool = new pg.Pool({ connectionString: url, max: 4, ssl: { rejectUnauthorized: false } });
    try {
      const sums = await Promise.all(
        Array.from({ length: 20 }, async (_, n) => {
          const named = { name: "double", text: "select $1::int * 2 as n", values: [n] };
          return (await pool.query<{ n: number }>(named)).rows[0]?.n;
        }),
      );
      expect(sums).toEqual(Array.from({ length: 20 }, (_, n) => n * 2));
      const ssl = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
      expect((await pool.query(ssl)).rows).toEqual([{ ssl: true }]);

      const listener = await pool.connect();
      const heard = new Promise((resolve) => listener.once("notification", resolve));
      await listener.query("listen news");
      await pool.query("select pg_notify('news', 'hello')");
      expect(await heard).toMatchObject({ channel: "news", payload: "hello" });
      listener.release(true);
    } finally {
      await pool.end();
    }
  });

  test("postgres: transactions, a cursor and a cancelled query", async () => {
    const sql = postgres(url, { max: 2, onnotice: () => {} });
    try {
      await sql`create table counted (n int)`;
      await sql`insert into counted ${sql(Array.from({ length: 100 }, (_, n) => ({ n })))}`;
      const undone = sql.begin(async (tx) => {
        await tx`delete from counted`;
        throw new Error("changed my mind");
      });
      await expect(undone).rejects.toThrow("changed my mind");
      let seen = 0;
      await sql`select n from counted`.cursor(30, (rows) => {
        seen += rows.length;
      });
      expect(seen).toBe(100);
      const slow = sql`select pg_sleep(600)`.execute();
      await expect.poll(() => sleepers()).toBe(1);
      slow.cancel();
      await expect(slow).rejects.toThrow(/canceling statement/);
      expect(await sleepers()).toBe(0);
    } finally {
      await sql.end({ timeout: 5 });
    }

    const overTls = postgres(url, { max: 1, ssl: "require" });
    try {
      const ssl = await overTls`select ssl from pg_stat_ssl where pid = pg_backend_pid()`;
      expect([...ssl]).toEqual([{ ssl: true }]);
    } finally {
      await overTls.end({ timeout: 5 });
    }
  });

  async function sleepers(): Promise<number> {
    const running = "state = 'active' and query like 'select pg_sleep(600)%'";
    const [row] = await query<{ n: number }>(
      url,
      `select count(*)::int as n from pg_stat_activity where ${running}`,
    );
    return row?.n ?? -1;
  }

  test("drizzle-kit: generate, migrate, push and pull on a branch", async () => {
    const app = join(machine.sandbox.folder, "app");
    mkdirSync(app);
    symlinkSync(join(repository, "e2e/node_modules"), join(app, "node_modules"));
    const bin = join(repository, "e2e/node_modules/drizzle-kit/bin.cjs");
    const env = { ...machine.sandbox.env, DATABASE_URL: url };
    const kit = async (...args: string[]) =>
      succeeded(await run(process.execPath, [bin, ...args], { cwd: app, env }));
    const write = (columns: string) =>
      writeFileSync(
        join(app, "schema.ts"),
        `import { integer, pgTable, text } from "drizzle-orm/pg-core";
         export const pets = pgTable("pets", { ${columns} });`,
      );
    const config = (name: string, out: string) =>
      writeFileSync(
        join(app, name),
        `export default { dialect: "postgresql", schema: "./schema.ts", out: "./${out}",
           tablesFilter: ["pets"], dbCredentials: { url: process.env.DATABASE_URL } };`,
      );
    const columnsAt = (at: string) =>
      query<{ name: string }>(
        at,
        `select column_name as name from information_schema.columns
         where table_name = 'pets' order by ordinal_position`,
      );
    const first = `id: integer().primaryKey(), name: text().notNull()`;
    config("drizzle.config.ts", "drizzle");
    config("pull.config.ts", "pulled");
    write(first);

    await kit("generate", "--name", "pets");
    expect(readdirSync(join(app, "drizzle"))).toContain("0000_pets.sql");
    await kit("migrate");
    await kit("migrate"); // Again: nothing to do.
    expect(await columnsAt(url)).toEqual([{ name: "id" }, { name: "name" }]);
    const applied = await query(url, "select id from drizzle.__drizzle_migrations");
    expect(applied).toHaveLength(1);

    write(`${first}, age: integer().default(1)`);
    await kit("push");
    expect(await columnsAt(url)).toEqual([{ name: "id" }, { name: "name" }, { name: "age" }]);
    expect(await columnsAt(main)).toEqual([]);

    await kit("pull", "--config", "pull.config.ts");
    const pulled = readFileSync(join(app, "pulled/schema.ts"), "utf8");
    expect(pulled).toContain('pgTable("pets", {');
    expect(pulled).toMatch(/age: integer\(\)\.default\(1\)/);
    expect(pulled).toMatch(/name: text\(\)\.notNull\(\)/);
  });

  test("drizzle-kit 0.31 and 1.0 before and after `ds db migrate`: nobody runs anything twice", async () => {
    const [turns, fresh] = await Promise.all(
      ["turns", "fresh"].map(async (name) => {
        await machine.text("branches", "create", "--name", name, "--parent", "main");
        return machine.url(project, name);
      }),
    );
    if (turns === undefined || fresh === undefined) throw new Error("no branches");
    const path = join(machine.sandbox.folder, "turns");
    const app = new DrizzleProject(path, "0.45", turns, machine.sandbox.env);
    const migrate = async (at = turns): Promise<string[]> => {
      const command = [join(repository, "cli/bin/ds.js"), "db", "migrate", "--db", at, "--json"];
      const { env } = machine.sandbox;
      const { stdout } = succeeded(await run(process.execPath, command, { cwd: path, env }));
      return JSON.parse(stdout).applied;
    };
    const ledger = (at = turns) =>
      query(at, "select * from drizzle.__drizzle_migrations order by id");

    await app.generate("a");
    await app.migrate();
    expect(await migrate()).toEqual([]);
    await app.generate("b");
    expect(await migrate()).toEqual(["0001_b"]);
    const ours = await ledger();
    await app.migrate();
    expect(await ledger()).toEqual(ours);

    app.moveTo("1.0");
    succeeded(await app.kit("up"));
    const folders = readdirSync(join(path, "drizzle"));
    expect(folders).toEqual([
      expect.stringMatching(/^\d{14}_a$/),
      expect.stringMatching(/^\d{14}_b$/),
    ]);
    expect(await migrate()).toEqual([]);
    await app.migrate();
    expect((await ledger()).map(({ name }) => name)).toEqual(folders);
    expect(await migrate()).toEqual([]);

    await app.generate("c");
    const [added] = await migrate();
    expect(added).toMatch(/^\d{14}_c$/);
    const three = await ledger();
    await app.migrate();
    expect(await ledger()).toEqual(three);
    expect(three.map(({ name }) => name)).toEqual([...folders, added]);

    const other = new DrizzleProject(`${path}-other`, "1.0", fresh, machine.sandbox.env);
    cpSync(join(path, "drizzle"), join(other.path, "drizzle"), { recursive: true });
    await other.migrate();
    expect(await migrate(fresh)).toEqual([]);
    expect(await ledger(fresh)).toHaveLength(3);
  });
});

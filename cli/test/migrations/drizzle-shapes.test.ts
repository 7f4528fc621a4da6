import { execFileSync } from "node:child_process";
import { renameSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "pg";
import { describe, expect, test } from "vitest";
import { measuring } from "../../src/migrations/rehearsal/io/measure.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import type { MigrateProject } from "../helpers/migrations/migrate-project.ts";
import { column as columnOf, failureOf, withProject } from "../helpers/migrations/migrate-test.ts";
import type { TestFolder } from "../helpers/migrations/migrations-folder.ts";
import { runInProcess } from "../helpers/migrations/run-in-process.ts";

// What a person sees of folders in the shapes that Drizzle accepts; drizzle-folders.test.ts compares what comes out.

const mark = "--> statement-breakpoint";

let project: MigrateProject;
let folder: TestFolder;
let sql: Client;
withProject((fresh) => {
  ({ project, folder, sql } = fresh);
});

const migrate = (...args: string[]) => project.json("migrate", ...args);
const column = (query: string) => columnOf(sql, query);
const indexes = () =>
  column(
    "select indexrelid::regclass::text from pg_index where indrelid = to_regclass('a') order by 1",
  );

describe("pieces", () => {
  test("SQL behind a breakpoint on its line is run", async () => {
    folder.add(
      "0000_a",
      `create table a (id int);${mark} create index i on a (id);\n-- and ${mark} create index j on a (id)`,
    );
    expect(await migrate()).toMatchObject({ status: 0, document: { applied: ["0000_a"] } });
    expect(await indexes()).toEqual(["i", "j"]);
  });

  test("two pieces are never one statement: the place of the second", async () => {
    folder.add("0000_a", "create table a (id int);");
    folder.add("0001_b", `create view v as select id from a\n${mark}\n  tablesample system (0)`);
    const { status, document, stderr } = await migrate();
    expect(status).toBe(7);
    expect(document.error).toMatchObject({
      line: 3,
      column: 3,
      statement: 2,
      statements: 2,
      sqlState: "42601",
    });
    expect(stderr).toContain("    tablesample system (0)\n    ^");
    expect(await column("select to_regclass('v')")).toEqual([null]);
  });

  test.each([
    ["in the middle of a line", `select 1; select 'é🙂' ${mark} , nope`, 1, 48],
    ["behind a comment", `-- one ${mark} select nope`, 1, 40],
    ["where a piece ends too early", `create table b (id int\n${mark}\n, c int)`, 2, 1],
    ["with CRLF and without semicolons", `select 1\r\n${mark}\r\nselect nope`, 3, 8],
  ])("an error's place, %s", async (_, text, line, at) => {
    folder.add("0000_a", text);
    expect((await migrate()).document.error).toMatchObject({ line, column: at });
  });

  test("one in a block is a part of it, and said: drizzle-kit cannot apply the file", async () => {
    folder.add("0000_a", `create table a (id int);\ndo $$ begin\n${mark}\nnull; end $$;`);
    const { document } = await migrate();
    expect(document.warnings).toEqual([
      expect.stringContaining("drizzle/0000_a.sql:3: a breakpoint stands inside"),
    ]);
  });
});

describe("the file's own transactions", () => {
  const twoSteps = (last: string) =>
    `create table a (id int);\nCOMMIT;${mark}\ncreate index concurrently i on a (id);${mark}\n${last};\n`;

  test("COMMIT before CONCURRENTLY: the plan, the failure behind it, and what goes on from there", async () => {
    folder.add("0000_a", twoSteps("select nope"));
    const plan = (await migrate("--plan")).document.plan[0];
    expect(plan.steps.map((step: { transaction: boolean }) => step.transaction)).toEqual([
      true,
      false,
      true,
    ]);
    const failed = await migrate();
    expect(failed.status).toBe(7);
    expect(failed.document.error).toMatchObject({
      line: 4,
      column: 8,
      statement: 3,
      statements: 3,
      committedStatements: 2,
    });
    expect((await migrate("--check")).document).toMatchObject({
      begun: [{ migration: "0000_a", committedStatements: 2 }],
    });
    expect((await migrate("--plan")).document.plan[0].steps[1]).toMatchObject({ committed: true });
    folder.edit("0000_a.sql", twoSteps("select 1"));
    expect((await migrate()).document).toMatchObject({ applied: ["0000_a"] });
    expect(await indexes()).toEqual(["i"]);
  });

  test("a mistake in a later piece is found before anything is committed", async () => {
    const text = (last: string) =>
      `create table a (id int);\nCOMMIT;${mark}\ncreate index concurrently i on a (id);${mark}\n${last}`;
    folder.add("0000_a", text("-- é🙂\nselec 1"));
    const { document, status } = await migrate();
    expect(status).toBe(7);
    expect(document.error).toMatchObject({
      line: 5,
      column: 1,
      statement: 3,
      sqlState: "42601",
      committedStatements: 0,
    });
    expect(await column("select to_regclass('a')")).toEqual([null]);
    folder.edit("0000_a.sql", text("select 1"));
    expect((await migrate()).status).toBe(0);
  });

  test("a pair around everything is one transaction, rolled back as a whole", async () => {
    folder.add("0000_a", `BEGIN;\ncreate table a (id int);\n${mark}\nselect nope;\nCOMMIT;`);
    expect((await migrate()).document.error).toMatchObject({ line: 4, committedStatements: 0 });
    expect(await column("select to_regclass('a')")).toEqual([null]);
    folder.edit(
      "0000_a.sql",
      "BEGIN ISOLATION LEVEL SERIALIZABLE;\ncreate table a as select current_setting('transaction_isolation') as level;\nEND;",
    );
    expect((await migrate()).status).toBe(0);
    expect(await column("select level from a")).toEqual(["serializable"]);
  });

  test("a procedure that commits, behind a COMMIT; a rehearsal's way of sending knows each statement", async () => {
    folder.add(
      "0000_a",
      `create table a (id int);${mark}\ncreate procedure p() language plpgsql as $$ begin insert into a values (1); commit; end $$;\nCOMMIT;\n${mark}\ncall p();`,
    );
    expect((await migrate()).status).toBe(0);
    expect(await column("select id from a")).toEqual([1]);
  });

  test("a setting that a file leaves ends with it, which is said where it could matter", async () => {
    folder.add("0000_a", "create schema s; set search_path to s; create table a (id int);");
    folder.add("0001_b", "create table b (id int);");
    expect((await migrate()).document.warnings).toEqual([
      expect.stringMatching(/^drizzle\/0000_a\.sql leaves search_path set/),
    ]);
    expect(
      await column(
        "select oid::regclass::text from pg_class where relkind = 'r' and relname in ('a', 'b') order by 1",
      ),
    ).toEqual(["b", "s.a"]);
  });

  test.each([
    ["create table a (id int); rollback; select 1", 26],
    [`savepoint s; commit;${mark} rollback to s`, 46],
    ["select 1; prepare transaction 'p'", 11],
  ])("impossible: %s", async (text, at) => {
    folder.add("0000_b", "create table b (id int);");
    folder.add("0001_a", text);
    for (const args of [[], ["--check"], ["--plan"]]) {
      const { status, document } = await migrate(...args);
      expect(status).toBe(6);
      expect(document.error).toMatchObject({
        code: "MIGRATION_REFUSED",
        reason: "TRANSACTION_CONTROL",
      });
      expect(document.error.problems).toEqual([
        expect.stringContaining(`drizzle/0001_a.sql:1:${at}: `),
      ]);
      expect(document.error.hint).toContain("leave it as it is");
    }
    expect(await column("select to_regclass('b')")).toEqual([null]);
    expect((await project.run("resolve", "--applied", "0001_a", "--yes")).status).toBe(0);
    expect((await migrate()).document).toMatchObject({ applied: ["0000_b"] });
  });
});

describe("names and numbers", () => {
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], {
      cwd: project.path,
      stdio: "ignore",
    });

  test("a doubled number is applied; it is said where this side has brought it", async () => {
    folder.add("0000_a", "create table a (id int);").add("0001_b", "create table b (id int);");
    git("init", "-qb", "main");
    git("add", ".");
    git("commit", "-qm", "one");
    git("switch", "-qc", "feature");
    folder
      .add("0001_c", "create table c (id int);")
      .add("0300_x", "select 1")
      .add("0300_1_y", "select 1");
    folder.times({ "0001_c": 5, "0300_1_y": 400 });
    const warnings = [
      expect.stringMatching(/^0001_c has the number of 0001_b, and main does not have it yet/),
      expect.stringMatching(/^0300_x has the number of 0300_1_y/),
    ];
    expect((await migrate("--plan")).document).toMatchObject({ warnings });
    expect((await migrate("--check")).document).toMatchObject({ warnings });
    expect((await migrate()).document).toMatchObject({
      applied: ["0000_a", "0001_b", "0001_c", "0300_1_y", "0300_x"],
      warnings,
    });
    folder.add("0500_z", "select 1");
    expect((await migrate()).document).toMatchObject({ applied: ["0500_z"], warnings: [] });
    git("add", ".");
    git("commit", "-qm", "two");
    git("switch", "-q", "main");
    git("merge", "-q", "feature");
    expect((await project.run("resolve", "--forget", "0300_x", "--yes")).status).toBe(0);
    expect((await project.run("resolve", "--forget", "0001", "--yes")).status).toBe(2);
    expect((await migrate()).document).toMatchObject({
      applied: ["0300_x"],
      warnings: [expect.stringContaining("older than")],
    });
  });

  test("one time for two new files is refused; not where both are applied", async () => {
    folder.add("0000_a", "create table a (id int);").add("0001_b", "create table b (id int);");
    folder.times({ "0001_b": 0 });
    expect(await migrate()).toMatchObject({
      status: 6,
      document: { error: { reason: "SAME_TIME" } },
    });
    expect(await column("select to_regclass('a')")).toEqual([null]);
    await sql.query("create table a (id int); create table b (id int)");
    expect((await project.run("baseline", "--yes")).status).toBe(0);
    expect((await migrate()).document).toMatchObject({
      status: "up-to-date",
      edited: [],
      pending: [],
    });
  });

  test("a byte order mark or line ends that come and go are no edit", async () => {
    const text = "create table a (id int);\nselect 1;\n";
    folder.add("0000_a", text);
    expect((await migrate()).status).toBe(0);
    for (const same of [
      `\ufeff${text}`,
      text.replaceAll("\n", "\r\n"),
      `\ufeff${text.replaceAll("\n", "\r\n")}`,
    ]) {
      folder.edit("0000_a.sql", same);
      expect((await migrate()).document).toMatchObject({ status: "up-to-date", edited: [] });
    }
    folder.add("0001_b", `\ufeffcreate table b (id int);\n${mark}\nselect 1;`);
    expect((await migrate()).document).toMatchObject({ applied: ["0001_b"] });
    folder.edit("0001_b.sql", `create table b (id int);\n${mark}\nselect 1;`);
    expect((await migrate()).document).toMatchObject({ status: "up-to-date", edited: [] });
    folder.edit("0001_b.sql", `create table b (id int);\n${mark}\nselect 2;`);
    expect((await migrate()).document.error).toMatchObject({ reason: "MIGRATION_EDITED" });
  });

  test("a composed name in the journal, a decomposed one on disk", async () => {
    const tag = "0000_größe".normalize("NFC");
    folder.add(tag, "create table a (id int);");
    renameSync(join(folder.path, `${tag}.sql`), join(folder.path, `${tag.normalize("NFD")}.sql`));
    expect((await migrate()).document).toMatchObject({ applied: [tag], warnings: [] });
  });

  test("in the newer format the ledger's name may be composed otherwise", async () => {
    const name = "20260101000000_größe";
    folder.edit(`${name.normalize("NFC")}/migration.sql`, "create table a (id int);");
    expect((await migrate()).status).toBe(0);
    renameSync(join(folder.path, name.normalize("NFC")), join(folder.path, name.normalize("NFD")));
    expect((await migrate()).document).toMatchObject({ status: "up-to-date", unknown: [] });
  });
});

test("what a rehearsal measures: each statement with its line, also where pieces are cut unusually", async () => {
  folder.add(
    "0000_a",
    `begin; create table a (id int);${mark} insert into a values (1); select 'é'\n${mark}\ncommit;\n${mark}\nselect nope`,
  );
  const connect = (applicationName: string) =>
    connectPostgres(project.url, { what: "the test", applicationName });
  const { send, statements } = measuring(connect);
  const error = await failureOf(runInProcess(project.url, folder.path, { send }));
  expect(error.details).toMatchObject({ line: 5, column: 8, statement: 4, committedStatements: 3 });
  expect(statements.map(({ line, statement, statements: of }) => [line, statement, of])).toEqual([
    [1, 1, 4],
    [1, 2, 4],
    [1, 3, 4],
  ]);
});

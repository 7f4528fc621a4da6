import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Api } from "../support/api.ts";
import { type Checkout, repository } from "../support/checkout.ts";
import { query } from "../support/database.ts";
import { endedClearly } from "../support/failure.ts";
import { run, succeeded } from "../support/run.ts";
import { Sandbox } from "../support/sandbox.ts";

interface Diff {
  stage: string;
  branch: { id: string; name: string };
  base: { name: string };
  database: string;
  equal: boolean;
  changes: {
    change: string;
    type: string;
    name: string;
    table: string | null;
    details: string[];
  }[];
  sql?: string;
}

const neonCli = join(
  dirname(createRequire(import.meta.url).resolve("neon/package.json")),
  "dist/cli.js",
);

describe("the schema's difference to main", () => {
  const sandbox = new Sandbox({ seeded: true });
  let checkout: Checkout;

  beforeAll(async () => {
    checkout = sandbox.readyCheckout("checkout");
    await checkout.ds(["setup", "--developer", "one"]);
  });

  afterAll(() => sandbox.close(checkout));

  const diff = (...args: string[]) => checkout.json<Diff>(["db", "diff", ...args]);

  test("none, right after set-up; main is never different from itself", async () => {
    const text = await checkout.ds(["db", "diff"]);
    expect(text.stdout).toBe("No difference: dev-one-local has the schema of main\n");
    expect(await diff()).toMatchObject({
      stage: "one-local",
      branch: { name: "dev-one-local" },
      base: { name: "main" },
      database: "neondb",
      equal: true,
      changes: [],
    });
    expect(await diff("dev")).toMatchObject({ equal: true, changes: [] });
  });

  test("rows are no difference; a column, an index, a default are", async () => {
    await query(checkout.url(), "delete from comments");
    expect((await diff()).equal).toBe(true);

    await query(
      checkout.url(),
      `alter table users add column nickname text default 'x' not null;
       alter table plans alter column name drop not null;
       create index users_by_nickname on users (nickname);
       alter table comments drop column body`,
    );
    const found = await diff("one-local");
    expect(found.equal).toBe(false);
    const shown = found.changes.map(({ change, type, name, table }) => [change, type, table, name]);
    expect(shown).toEqual([
      ["removed", "column", "comments", "body"],
      ["changed", "column", "plans", "name"],
      ["added", "column", "users", "nickname"],
      ["added", "index", "users", "users_by_nickname"],
    ]);
    expect(found.changes.map(({ details }) => details).slice(1)).toEqual([
      ["now nullable"],
      ["text DEFAULT 'x'::text NOT NULL"],
      ["USING btree (nickname)"],
    ]);

    const text = await checkout.ds(["db", "diff"]);
    expect(text.stderr).toContain(
      "dev-one-local compared with main: 2 added, 1 removed, 1 changed",
    );
    expect(text.stdout.split("\n").slice(0, -1)).toEqual([
      "- column  comments.body               text NOT NULL",
      "~ column  plans.name                  now nullable",
      "+ column  users.nickname              text DEFAULT 'x'::text NOT NULL",
      "+ index   users_by_nickname on users  USING btree (nickname)",
    ]);
  });

  test("--sql shows the lines that pg_dump prints differently", async () => {
    const { stdout } = await checkout.ds(["db", "diff", "--sql"]);
    expect(stdout).toMatch(/^--- a\/neondb\n\+\+\+ b\/neondb\n@@ /);
    expect(stdout).toContain("\n+    nickname text DEFAULT 'x'::text NOT NULL\n");
    expect(`${(await diff("--sql")).sql?.trimEnd()}\n`).toBe(stdout);
  });

  test("what ds notes in a database is no difference, and in no line of --sql", async () => {
    const before = await diff("--sql");
    await query(checkout.url(), "create schema __ds; create table __ds.migrate_runs (id int)");
    expect(await diff("--sql")).toEqual(before);
  });

  test("neon's own command line shows the same line", async () => {
    const api = await Api.of(checkout);
    const project = await api.projectId("devstride");
    const folder = join(sandbox.folder, "neon");
    mkdirSync(folder);
    const env = {
      ...sandbox.env,
      HOME: folder,
      NEON_API_HOST: api.url,
      NEON_API_KEY: api.key,
      CI: "1",
    };
    const neon = async (...args: string[]) =>
      succeeded(
        await run(process.execPath, [neonCli, "--no-analytics", "--project-id", project, ...args], {
          cwd: folder,
          env: { ...env, NO_UPDATE_NOTIFIER: "1" },
        }),
      ).stdout;
    await query(checkout.url(), "drop index users_by_nickname");
    const schemaDiff = await neon("branches", "schema-diff", "main", "dev-one-local");
    expect(schemaDiff).toContain("\n+    nickname text DEFAULT 'x'::text NOT NULL\n");
    const report = await neon("diff", "main", "--branch", "dev-one-local");
    expect(report).toContain("+    nickname text DEFAULT 'x'::text NOT NULL");
    expect(await neon("branches", "schema-diff", "main", "main")).not.toContain("@@");

    await neon("branches", "create", "--name", "bare", "--parent", "main", "--schema-only");
    const bare = (await api.branches(project)).find(({ name }) => name === "bare");
    expect(bare).toMatchObject({ init_source: "schema-only" });
    expect(bare).not.toHaveProperty("parent_id");
    expect(await neon("diff", "main", "--branch", "bare")).toBe("");
  });

  test("everything that a schema can hold is told by its kind", async () => {
    await checkout.ds(["db", "reset", "--yes"]);
    expect((await diff()).equal).toBe(true);
    const sample = readFileSync(join(repository, "engine/test/schema-sample.sql"), "utf8")
      // The sample application has tables and types of these names.
      .replaceAll("public.", "sample.");
    await query(checkout.url(), `create role reader nologin; create schema sample; ${sample}`);
    const { changes } = await diff();
    expect(new Set(changes.map(({ change }) => change))).toEqual(new Set(["added"]));
    expect([...new Set(changes.map(({ type }) => type))].sort()).toEqual([
      "aggregate",
      "collation",
      "comment",
      "constraint",
      "default privileges",
      "domain",
      "foreign key",
      "function",
      "index",
      "index of partition",
      "materialized view",
      "partition",
      "policy",
      "privileges",
      "procedure",
      "row security",
      "rule",
      "schema",
      "sequence",
      "statistics",
      "table",
      "trigger",
      "type",
      "view",
    ]);
    const users = changes.find(({ type, name }) => type === "table" && name === "sample.users");
    expect(users?.details[0]).toContain(`fullName text DEFAULT 'Jane; "quoted" (really), ''yes'''`);
    const policy = changes.find(({ type }) => type === "policy");
    expect(policy).toMatchObject({ table: "sample.users", name: "own_row" });

    await query(checkout.url(), 'alter table sample."Größe & Maß" rename column "Straße" to "Weg"');
    const names = (await diff()).changes.filter(({ name }) => name === "sample.Größe & Maß");
    expect(names[0]?.details[0]).toContain("Weg text, 日本語 integer");
  });

  test("what cannot be compared is said clearly", async () => {
    const absent = { status: 4, code: "NOT_FOUND" };
    const noBranch = { ...absent, reason: "BRANCH_NOT_FOUND", names: ["nobody-local"] };
    await endedClearly(checkout, ["db", "diff", "nobody-local"], noBranch);
    const noStage = { ...absent, reason: "STAGE_UNKNOWN", names: ["Not a stage"] };
    await endedClearly(checkout, ["db", "diff", "Not a stage"], noStage);
  });
});

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { psql, testWith } from "../../scripts/test-support/needs.ts";
import { query } from "../support/database.ts";
import { NeonMachine } from "../support/neon.ts";
import { ended, succeeded } from "../support/run.ts";

/** `neon link`, `checkout`, `env pull`, `status` and `diff`: a folder that belongs to a branch. */
describe("neon in a linked folder", () => {
  const machine = new NeonMachine();
  let project: string;

  beforeAll(async () => {
    await machine.start();
    project = await machine.createProject("shop");
    await query(await machine.url(project, "main"), "create table notes (id int primary key)");
  });

  afterAll(() => machine.close());

  beforeEach(() => {
    rmSync(machine.folder, { recursive: true });
    mkdirSync(machine.folder);
  });

  const context = () => JSON.parse(readFileSync(join(machine.folder, ".neon"), "utf8"));
  const variables = (file: string) =>
    parseEnv(readFileSync(join(machine.folder, file), "utf8")) as Record<string, string>;
  /** The branch that Postgres itself, reached by a connection string, says it is. */
  const branchAt = async (url: string | undefined) =>
    (await query<{ id: string }>(url ?? "", "select current_setting('neon.branch_id') as id"))[0]
      ?.id;
  const idOf = async (name: string) => (await machine.branch(project, name)).id;

  test("link: the only project and its default branch; what it pulls connects", async () => {
    await machine.text("link", "-y");
    expect(context()).toMatchObject({ projectId: project, branch: "main" });
    const pulled = variables(".env.local");
    expect(await branchAt(pulled.DATABASE_URL)).toBe(await idOf("main"));
    expect(await branchAt(pulled.DATABASE_URL_UNPOOLED)).toBe(await idOf("main"));
    await machine.text("link", "--clear");
    expect(context()).toEqual({});
  });

  test("checkout --create, then env pull: the URL connects; other lines stay", async () => {
    ended(await machine.neon("checkout", "f2"), 1);
    await machine.text("checkout", "f2", "--create", "--no-env-pull");
    expect(context()).toMatchObject({ projectId: project, branch: "f2" });
    expect(existsSync(join(machine.folder, ".env.local"))).toBe(false);

    writeFileSync(join(machine.folder, ".env"), "# mine\nOTHER=1\n");
    await machine.text("env", "pull");
    const text = readFileSync(join(machine.folder, ".env"), "utf8");
    expect(text).toMatch(/^# mine\nOTHER=1\n/);
    expect(await branchAt(variables(".env").DATABASE_URL)).toBe(await idOf("f2"));
    expect(variables(".env").NEON_BRANCH).toBe("f2");

    // Another branch takes its place in the same file.
    await machine.text("checkout", "main");
    expect(await branchAt(variables(".env").DATABASE_URL)).toBe(await idOf("main"));
    await machine.text("env", "pull", "--branch", "f2", "-e", "DATABASE_URL", "--file", ".env.f2");
    expect(Object.keys(variables(".env.f2"))).toEqual(["DATABASE_URL"]);
    expect(await branchAt(variables(".env.f2").DATABASE_URL)).toBe(await idOf("f2"));
  });

  test("status, and commands that take the branch from the folder", async () => {
    await machine.text("link", "--project-id", project, "--branch", "main", "--no-env-pull");
    await machine.text("checkout", "f3", "--create", "--no-env-pull");
    const [status, branch, cs, list] = await Promise.all([
      machine.json<unknown>("status"),
      machine.text("status", "--current-branch"),
      machine.text("cs", "--ssl", "omit"),
      machine.text("branches", "list"),
    ]);
    const id = await idOf("f3");
    expect(status).toMatchObject({
      project: { id: project, name: "shop", pgVersion: 18 },
      branch: { id, name: "f3", parent: "main", isDefault: false, protected: false },
    });
    expect(branch).toBe("f3");
    expect(await branchAt(cs)).toBe(id);
    expect(list).toMatch(/\[current\] f3\s/);
  });

  testWith(psql, "psql takes the branch from the folder", async () => {
    await machine.text("link", "--project-id", project, "--branch", "main", "--no-env-pull");
    await machine.text("checkout", "f5", "--create", "--no-env-pull");
    const shown = await machine.text("psql", "--", "-Atc", "show neon.branch_id");
    expect(shown).toBe(await idOf("f5"));
  });

  test("diff: nothing, then a new table, against the parent or a named branch", async () => {
    await machine.text("link", "--project-id", project, "--branch", "main", "--no-env-pull");
    await machine.text("checkout", "f4", "--create", "--no-env-pull");
    const same = succeeded(await machine.neon("diff"));
    expect(same.stderr).toContain("No schema differences between main and f4");
    expect(same.stdout).toBe("");

    await query(await machine.url(project, "f4"), "create table tags (name text primary key)");
    const [text, report] = await Promise.all([
      machine.text("diff", "main"),
      machine.json<{ database: string; has_changes: boolean; diff: string }[]>("diff"),
    ]);
    expect(text).toContain("+CREATE TABLE public.tags (\n+    name text NOT NULL\n+);");
    expect(text).not.toMatch(/^-(?!-- )/m);
    expect(report).toMatchObject([{ database: "neondb", has_changes: true }]);
    expect(report[0]?.diff).toContain("+CREATE TABLE public.tags (");
  });
});

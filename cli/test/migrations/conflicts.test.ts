import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ended } from "../../../scripts/test-support/program.ts";
import { DsProject } from "../helpers/ds-project.ts";

// ds db migrate --conflicts: migrations of other git branches, in both orders, on real copies of main.

const project = new DsProject(`{ project: "shop" }`);
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=Pat", "-c", "user.email=pat@example.com", ...args], {
    cwd: project.path,
    encoding: "utf8",
  });

/** A branch off main with migrations of its own. */
function branch(name: string, migrations: Record<string, string>): void {
  git("checkout", "-q", "-b", name, "main");
  for (const [tag, sql] of Object.entries(migrations)) project.migrations.add(tag, sql);
  git("add", "drizzle");
  git("commit", "-q", "--allow-empty", "-m", name);
  for (const tag of Object.keys(migrations)) project.migrations.takeOut(tag);
  git("checkout", "-q", "-f", "main");
}

beforeAll(async () => {
  project.migrations.add(
    "0000_base",
    "create table items (id int primary key, n int); insert into items values (1, 5);",
  );
  git("init", "-q", "-b", "main");
  git("add", "drizzle", "ds.config.ts");
  git("commit", "-q", "-m", "base");
  branch("no-migrations", {});
  branch("harmless", {
    "0001_other":
      "create table tags (at timestamptz default now());\ninsert into tags default values;\nalter table items add column tag int;",
  });
  branch("same-column", {
    "0001_first": "create table first (id int);",
    "0002_priority": "alter table items add column priority text;",
  });
  branch("function", {
    "0001_function": "create or replace function rank() returns int language sql as 'select 1';",
  });
  branch("rows", { "0001_double": "update items set n = n * 2;" });
  branch("disorder", {
    "0001_one": "<<<<<<< HEAD\nselect 1;\n=======\nselect 2;\n>>>>>>> other\n",
  });
  const setup = await project.run(["setup", "--developer", "pat"]);
  expect(setup.status, setup.stderr).toBe(0);
  project.migrations.add("0001_mine", "alter table items add column priority int;");
  project.migrations.add(
    "0002_rank",
    "create or replace function rank() returns int language sql as 'select 2';",
  );
  project.migrations.add("0003_more", "update items set n = n + 1;");
});
afterAll(() => project.remove());

const document = ({ stdout }: Ended) => JSON.parse(stdout);

test("each pair that conflicts, and how; independent ones do not; nothing is left or changed", async () => {
  const before = git("status", "--porcelain") + git("rev-parse", "HEAD");
  const found = await project.run(["db", "migrate", "--conflicts", "--json"]);
  expect(found.status, found.stderr).toBe(5);
  const { error, status, base, refs } = document(found);
  expect({ code: error.code, reason: error.reason, status, base }).toEqual({
    code: "CONFLICT",
    reason: "MIGRATIONS_CONFLICT",
    status: "conflict",
    base: "main",
  });
  expect(refs.map(({ ref }: { ref: string }) => ref)).toEqual([
    "function",
    "harmless",
    "rows",
    "same-column",
  ]);
  expect(found.stderr).toMatch(/warning: disorder /);
  const [differs, harmless, rows, fails] = refs;
  expect(rows.conflict).toEqual({
    mine: "0003_more",
    theirs: "0001_double",
    how: "both orders succeed, but leave other rows in items",
    changes: [],
  });
  expect(differs.conflict).toMatchObject({ mine: "0002_rank", theirs: "0001_function" });
  expect(differs.conflict.how).toContain("different schemas");
  expect(differs.conflict.changes).toMatchObject([{ change: "changed", type: "function" }]);
  expect(harmless).toMatchObject({ status: "ok", conflict: null, theirs: ["0001_other"] });
  expect(harmless.notes).toEqual([
    "0001_mine and 0001_other have the same number: after the merge, ds db rebase",
    "the order of columns depends on who is merged first",
  ]);
  expect(fails.conflict).toMatchObject({ mine: "0001_mine", theirs: "0002_priority", changes: [] });
  expect(fails.conflict.how).toMatch(/0002_priority fails after 0001_mine: .*already exists/);
  expect(fails.conflict.how).toMatch(/0001_mine fails after 0002_priority: .*already exists/);
  expect(found.stderr).toContain("0001_mine (here) and 0002_priority (same-column)");

  const { branches } = document(await project.run(["db", "branches", "--json"]));
  expect(branches.map(({ name }: { name: string }) => name).sort()).toEqual([
    "dev-pat-local",
    "main",
  ]);
  expect(git("status", "--porcelain") + git("rev-parse", "HEAD")).toBe(before);
});

test("refs by name: 0 without a conflict, 4 for unknown ones, 2 without --conflicts", async () => {
  const fine = await project.run(["db", "migrate", "--conflicts", "harmless", "no-migrations"]);
  expect(fine.status, fine.stderr).toBe(0);
  expect(fine.stdout).toMatch(
    /harmless: 3 migrations here and 1 migration there, in either order the same/,
  );
  expect(fine.stdout).toContain("no-migrations: no migrations that are pending there alone");
  const unknown = await project.run(["db", "migrate", "--conflicts", "--json", "--", "--output=x"]);
  expect(unknown.status).toBe(4);
  expect(document(unknown).error).toMatchObject({ reason: "GIT_REF_UNKNOWN", ref: "--output=x" });
  expect((await project.run(["db", "migrate", "harmless"])).status).toBe(2);
});

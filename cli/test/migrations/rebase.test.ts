import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ended } from "../../../scripts/test-support/program.ts";
import { DsProject } from "../helpers/ds-project.ts";

// ds db rebase: two git branches that both generated a migration with the real drizzle-kit.

const project = new DsProject(`{ project: "shop" }`);
const drizzle = join(project.path, "drizzle");
const installed = fileURLToPath(new URL("../../../backend/node_modules", import.meta.url));
/** A package manager's own links in .bin are not always right from behind another link. */
const drizzleKit = join(realpathSync(join(installed, "drizzle-kit")), "bin.cjs");
const document = ({ stdout }: Ended) => JSON.parse(stdout);
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=Pat", "-c", "user.email=pat@example.com", ...args], {
    cwd: project.path,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
/** Each side's columns on lines of their own, so that git merges the code by itself. */
const schema = (mine: string, theirs: string) =>
  project.write(
    "schema.ts",
    `import { integer, pgTable, text } from "drizzle-orm/pg-core";
export const items = pgTable("items", {
  id: integer("id").primaryKey(),
  ${mine}
  //
  //
  //
  ${theirs}
  name: text("name"),
});
`,
  );
const commit = (message: string) => {
  git("add", "-A");
  git("commit", "-q", "-m", message);
};
const generate = async (name: string) => {
  const done = await project.run(["db", "generate", "--name", name]);
  expect(done.status, done.stderr).toBe(0);
};
const folder = () =>
  Object.fromEntries(
    readdirSync(drizzle, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.\w+$/.test(name))
      .sort()
      .map((name) => [name, readFileSync(join(drizzle, name), "utf8")]),
  );

beforeAll(async () => {
  project.make();
  symlinkSync(installed, join(project.path, "node_modules"));
  project.write("package.json", `{ "scripts": { "generate-sql": "node ${drizzleKit} generate" } }`);
  project.write(".gitignore", "node_modules\n.env\n");
  project.write(
    "drizzle.config.ts",
    `export default { dialect: "postgresql", schema: "./schema.ts", out: "./drizzle" };`,
  );
  schema("", "");
  await generate("base");
  git("init", "-q", "-b", "main");
  commit("base");
  const setup = await project.run(["setup", "--developer", "pat"]);
  expect(setup.status, setup.stderr).toBe(0);

  git("checkout", "-q", "-b", "feature");
  schema(`mine: text("mine").notNull().default(""),`, "");
  await generate("mine");
  commit("mine");
  git("checkout", "-q", "main");
  schema("", `theirs: integer("theirs"),`);
  await generate("theirs");
  commit("theirs");
  git("checkout", "-q", "feature");
  expect(() => git("merge", "-q", "main")).toThrow();
});
afterAll(() => project.remove());

test("in the middle of a merge with conflicts: statements that no generator writes are refused; all as before", async () => {
  const mine = readFileSync(join(drizzle, "0001_mine.sql"), "utf8");
  project.write("drizzle/0001_mine.sql", `${mine}\nupdate items set mine = 'x';`);
  const before = folder();
  const refused = await project.run(["db", "rebase", "--json"]);
  expect(refused.status, refused.stderr).toBe(6);
  expect(document(refused).error).toMatchObject({
    reason: "STATEMENTS_LOST",
    lost: ["0001_mine.sql (UPDATE)"],
  });
  expect(folder()).toEqual(before);
  project.write("drizzle/0001_mine.sql", mine);
});

test("a generator that fails, or makes another schema: the folder is as before", async () => {
  const before = folder();
  const code = readFileSync(join(project.path, "schema.ts"), "utf8");
  expect(code).toMatch(/mine: text[\s\S]*theirs: integer/);
  project.write("schema.ts", "export const broken = (;");
  const failed = await project.run(["db", "rebase"]);
  expect(failed.status, failed.stderr).toBe(8);
  expect(folder()).toEqual(before);
  project.write("schema.ts", code.replace("name: text", `more: text("more"),\n  name: text`));
  const other = await project.run(["db", "rebase", "--json"]);
  expect(other.status, other.stderr).toBe(6);
  expect(document(other).error).toMatchObject({
    reason: "SCHEMA_DIFFERS",
    changes: [{ type: "column", table: "items", name: "more" }],
  });
  expect(folder()).toEqual(before);
  project.write("schema.ts", code);
});

test("this side's migration is generated anew on top of the other's", async () => {
  const done = await project.run(["db", "rebase", "--json"]);
  expect(done.status, done.stderr).toBe(0);
  expect(document(done)).toMatchObject({
    status: "rebased",
    onto: "MERGE_HEAD",
    removed: ["0001_mine"],
    generated: ["0002_mine"],
    compared: true,
  });
  const files = folder();
  expect(Object.keys(files)).toEqual([
    "0000_base.sql",
    "0001_theirs.sql",
    "0002_mine.sql",
    "meta/0000_snapshot.json",
    "meta/0001_snapshot.json",
    "meta/0002_snapshot.json",
    "meta/_journal.json",
  ]);
  expect(files["0002_mine.sql"]).toContain('ADD COLUMN "mine"');
  expect(files["0002_mine.sql"]).not.toContain("theirs");
  expect(readdirSync(project.path).filter((name) => name.includes("backup"))).toEqual([]);
  commit("merged");
  const migrated = await project.run(["db", "migrate", "--json"]);
  expect(document(migrated).applied).toEqual(["0001_theirs", "0002_mine"]);
  const again = await project.run(["db", "rebase", "--onto", "HEAD", "--json"]);
  expect(document(again)).toMatchObject({ status: "unchanged", removed: [] });
  // What follows the other side's already is not made anew, let alone squashed.
  const onTop = await project.run(["db", "rebase", "--onto", "main", "--json"]);
  expect(document(onTop)).toMatchObject({ status: "unchanged", onto: "main", removed: [] });
  expect(folder()).toEqual(files);
  const { branches } = document(await project.run(["db", "branches", "--json"]));
  expect(branches.map(({ name }: { name: string }) => name).sort()).toEqual([
    "dev-pat-local",
    "main",
  ]);
});

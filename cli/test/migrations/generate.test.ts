import { mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ended } from "../../../scripts/test-support/program.ts";
import { DsProject } from "../helpers/ds-project.ts";

// ds db generate with the real drizzle-kit, through a project's own script.

const project = new DsProject(`{ project: "shop", migrations: { folder: "backend/drizzle" } }`);
const backend = join(project.path, "backend");
const installed = fileURLToPath(new URL("../../../backend/node_modules", import.meta.url));
/** A package manager's own links in .bin are not always right from behind another link. */
const drizzleKit = join(realpathSync(join(installed, "drizzle-kit")), "bin.cjs");
const document = ({ stdout }: Ended) => JSON.parse(stdout);
const schema = (columns: string) =>
  project.write(
    "backend/schema.ts",
    `import { integer, pgTable, text } from "drizzle-orm/pg-core";
     export const items = pgTable("items", { id: integer("id").primaryKey(), ${columns} });`,
  );

beforeAll(() => {
  project.make();
  mkdirSync(backend);
  symlinkSync(installed, join(backend, "node_modules"));
  project.write(
    "backend/package.json",
    `{ "scripts": { "generate-sql": "node ${drizzleKit} generate" } }`,
  );
  project.write(
    "backend/drizzle.config.ts",
    `export default { dialect: "postgresql", schema: "./schema.ts", out: "./drizzle" };`,
  );
});
afterAll(() => project.remove());

test("writes what changed under the given name, and says when nothing did", async () => {
  schema(`name: text("name")`);
  const first = await project.run(["db", "generate", "--name", "base", "--json"]);
  expect(first.status, first.stderr).toBe(0);
  expect(document(first)).toMatchObject({
    status: "generated",
    migrations: [{ name: "0000_base", file: "backend/drizzle/0000_base.sql" }],
  });
  const again = await project.run(["db", "generate", "--json"]);
  expect(again.status, again.stderr).toBe(0);
  expect(document(again)).toMatchObject({ status: "unchanged", migrations: [] });
});

test("a question that nobody can answer is no success: 2, nothing written", async () => {
  const before = readdirSync(join(backend, "drizzle"), { recursive: true });
  schema(`title: text("title")`);
  const asked = await project.run(["db", "generate", "--json"]);
  expect(asked.status, asked.stderr).toBe(2);
  expect(document(asked).error).toMatchObject({
    code: "CONFIRMATION_REQUIRED",
    reason: "GENERATOR_ASKED",
  });
  expect(readdirSync(join(backend, "drizzle"), { recursive: true })).toEqual(before);
});

test("a generator that fails, or complains and succeeds: 8 with its words; a bad name: 2", async () => {
  project.write("backend/schema.ts", "export const broken = (;");
  const broken = await project.run(["db", "generate"]);
  expect(broken.status, broken.stderr).toBe(8);
  expect(broken.stderr).toContain("schema.ts");
  expect((await project.run(["db", "generate", "--name", "a; touch b"])).status).toBe(2);
});

test("two snapshots that follow the same one: 6, with the way out", async () => {
  schema(`name: text("name"), n: integer("n")`);
  expect((await project.run(["db", "generate", "--name", "n"])).status).toBe(0);
  const snapshot = JSON.parse(
    readFileSync(join(backend, "drizzle/meta/0001_snapshot.json"), "utf8"),
  );
  const forked = { ...snapshot, id: "11111111-1111-4111-8111-111111111111" };
  project.write("backend/drizzle/meta/0002_snapshot.json", JSON.stringify(forked));
  const refused = await project.run(["db", "generate", "--json"]);
  expect(refused.status, refused.stderr).toBe(6);
  expect(document(refused).error).toMatchObject({
    reason: "SNAPSHOTS_FORKED",
    problems: [expect.stringMatching(/0001_snapshot.json and meta.0002_snapshot.json/)],
    hint: expect.stringContaining("ds db rebase"),
  });
});

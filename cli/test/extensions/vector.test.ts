import { readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../../../scripts/test-support/needs.ts";
import { DsProject } from "../helpers/ds-project.ts";
import { vectorWheel } from "../helpers/tools.ts";
import { LifeCycle, refreshRules, seedProgram, type TestedType } from "./life-cycle.ts";
import { PackageIndex } from "./package-index.ts";

// A Drizzle schema with pgvector, out of the wheel that `ds` knows, through a project's whole life.

const vector: TestedType = {
  type: "vector(1536)",
  value: "(select array_agg(cos(n * i)::real) from generate_series(1, 1536) i)::vector",
  index: "using hnsw (embedding vector_cosine_ops)",
  nearest: `select id, organization_id from docs
    order by embedding <=> (select array_agg(cos(7 * i)::real) from generate_series(1, 1536) i)::vector limit 9`,
};

const schema = `
  import { index, integer, pgTable, text, vector } from "drizzle-orm/pg-core";
  export const organizations = pgTable("organizations", { id: text("id").primaryKey(), name: text("name").notNull() });
  export const docs = pgTable("docs", {
    id: integer("id").primaryKey(),
    organizationId: text("organization_id").notNull().references(() => organizations.id),
    title: text("title"),
    embedding: vector("embedding", { dimensions: 1536 }),
    second: vector("second", { dimensions: 1536 }),
  }, (table) => [index("docs_embedding").using("hnsw", table.embedding.op("vector_cosine_ops"))]);`;

const config = (refresh = "") => `
  import { defineConfig, mask } from "@devstride/ds";
  export default defineConfig({
    project: "vec", extensions: ["vector"], ${refresh}
    stages: { prod: { project: "vec-prod", seed: { command: "node seed.mjs" } } },
  });`;

const installed = fileURLToPath(new URL("../../../backend/node_modules", import.meta.url));
const kit = join(realpathSync(join(installed, "drizzle-kit")), "bin.cjs");

describeWith(vectorWheel, "pgvector", (wheel) => {
  const project = new DsProject(`{ project: "vec" }`);
  const life = new LifeCycle(project, vector);
  const index = new PackageIndex();
  const file = join(project.path, "drizzle/0000_docs.sql");

  beforeAll(async () => {
    await index.start();
    index.files = { [basename(wheel)]: wheel };
    project.make();
    symlinkSync(installed, join(project.path, "node_modules"));
    project.write("ds.config.ts", config());
    project.write("schema.ts", schema);
    project.write("seed.mjs", seedProgram(vector));
    project.write("package.json", `{ "scripts": { "generate-sql": "node ${kit} generate" } }`);
    project.write(
      "drizzle.config.ts",
      `export default { dialect: "postgresql", schema: "./schema.ts", out: "./drizzle" };`,
    );
    await life.run("db", "generate", "--name", "docs");
  });
  afterAll(async () => {
    await index.stop();
    await project.remove();
  });

  const setUp = () =>
    project.run(["setup", "--developer", "kim", "--json"], { PIP_INDEX_URL: index.url });

  test("setup fetches it by its name; a migration that forgot to create it says what to write", async () => {
    const ended = await setUp();
    expect(ended.status, ended.stderr).toBe(7);
    const { error } = JSON.parse(ended.stdout);
    expect(error).toMatchObject({ reason: "EXTENSION_NOT_CREATED", extension: "vector" });
    const { stdout } = await life.run("engine", "extension", "list", "--json");
    expect(JSON.parse(stdout).extensions).toMatchObject([
      { name: "vector", version: "0.8.5", licence: "PostgreSQL", from: basename(wheel) },
    ]);
  });

  test("setup, branch, restore, reset, undo, diff and refresh", async () => {
    const sql = readFileSync(file, "utf8");
    writeFileSync(file, `CREATE EXTENSION IF NOT EXISTS vector;--> statement-breakpoint\n${sql}`);
    const ended = await setUp();
    expect(ended.status, ended.stderr).toBe(0);
    // What is there is not fetched again.
    expect(index.asked).toHaveLength(2);
    await life.branches();
    await life.difference();
    project.write("ds.config.ts", config(`refresh: ${refreshRules},`));
    await life.refresh();
  });

  test("doctor sees it", async () => {
    const { stdout } = await life.run("doctor", "--json");
    const { checks } = JSON.parse(stdout);
    const [found] = checks.filter(({ check }: { check: string }) => check === "extensions");
    expect(found).toMatchObject({ health: "ok" });
    expect(found.says).toContain("vector");
  });
});

import { chmodSync, mkdirSync, readFileSync, realpathSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ended } from "../../../scripts/test-support/program.ts";
import { DsProject } from "../helpers/ds-project.ts";

// ds db migrate --plan --fix and ds db generate --safe: the built command, the engine and the real drizzle-kit.

const project = new DsProject(
  `{ project: "shop", stages: { dev: {} }, migrations: { folder: "backend/drizzle", smallTable: { rows: 0, megabytes: 0 } } }`,
);
const backend = join(project.path, "backend");
const installed = fileURLToPath(new URL("../../../backend/node_modules", import.meta.url));
const drizzleKit = join(realpathSync(join(installed, "drizzle-kit")), "bin.cjs");
const document = ({ stdout }: Ended) => JSON.parse(stdout);
const file = (name: string) => readFileSync(join(backend, "drizzle", name), "utf8");
const run = async (...args: string[]) => project.run(["db", ...args, "--json"]);

function schema(columns: string, more = "", indexes = ""): void {
  project.write(
    "backend/schema.ts",
    `import { bigint, index, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";
     export const orgs = pgTable("orgs", { id: integer("id").primaryKey() });
     export const items = pgTable("items", { id: integer("id").primaryKey(), ${columns} }, (t) => [${indexes}]);
     ${more}`,
  );
}

beforeAll(async () => {
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
  schema(`name: text("name"), org: integer("org"), n: integer("n").notNull()`);
  expect((await run("generate", "--name", "base")).status).toBe(0);
  const setup = await project.run(["setup", "--developer", "pat"]);
  expect(setup.status, setup.stderr).toBe(0);
});
afterAll(() => project.remove());

const more = `name: text("name").notNull(), org: integer("org").references(() => orgs.id), n: integer("n").notNull(), token: uuid("token").defaultRandom().notNull().unique()`;

test("generated, and nobody can be asked: the file is there as drizzle-kit has written it", async () => {
  schema(more, "", `index("items_org").on(t.org)`);
  const asked = await run("generate", "--name", "more", "--safe");
  expect(asked.status, asked.stderr).toBe(2);
  expect(document(asked).error).toMatchObject({ code: "CONFIRMATION_REQUIRED" });
  expect(asked.stderr).toContain("+CREATE INDEX CONCURRENTLY");
  expect(file("0001_more.sql")).toContain(
    `ADD COLUMN "token" uuid DEFAULT gen_random_uuid() NOT NULL`,
  );
});

test("written anew in place: journal, snapshot and mode stay, and drizzle-kit finds nothing to do", async () => {
  const [journal, snapshot] = [file("meta/_journal.json"), file("meta/0001_snapshot.json")];
  chmodSync(join(backend, "drizzle/0001_more.sql"), 0o664);
  const fixed = await run("migrate", "--plan", "--fix", "--yes");
  expect(fixed.status, fixed.stderr).toBe(0);
  const { findings, fix, plan, status } = document(fixed);
  expect(status).toBe("pending");
  expect(fix).toMatchObject({ status: "written", left: [], deployments: [] });
  expect(fix.rewrites.map(({ rule }: { rule: string }) => rule).sort()).toEqual([
    "column-rewrites",
    "foreign-key-blocks-writes",
    "index-blocks-writes",
    "not-null-blocks",
    "unique-blocks",
  ]);
  expect(fix.files[0].diff).toContain("+CREATE INDEX CONCURRENTLY");
  expect(plan[0].steps.some(({ batches }: { batches: boolean }) => batches)).toBe(true);
  expect(findings.map(({ severity }: { severity: string }) => severity)).not.toContain("warning");
  expect([file("meta/_journal.json"), file("meta/0001_snapshot.json")]).toEqual([
    journal,
    snapshot,
  ]);
  expect(statSync(join(backend, "drizzle/0001_more.sql")).mode & 0o777).toBe(0o664);
  expect(document(await run("generate"))).toMatchObject({ status: "unchanged" });
});

test("again there is nothing to write anew; it is applied, and then still", async () => {
  const text = file("0001_more.sql");
  const again = await run("migrate", "--plan", "--fix", "--yes");
  expect(document(again).fix).toMatchObject({ status: "nothing", rewrites: [], files: [] });
  const applied = await run("migrate");
  expect(applied.status, applied.stderr).toBe(0);
  expect(document(applied)).toMatchObject({ applied: ["0001_more"] });
  const done = await run("migrate", "--plan", "--fix", "--yes");
  expect(document(done)).toMatchObject({ status: "up-to-date", fix: { status: "nothing" } });
  expect(file("0001_more.sql")).toBe(text);
  expect(document(await run("generate"))).toMatchObject({ status: "unchanged" });
});

test("what goes over several deployments: the first is written, the others are files beside the folder", async () => {
  schema(
    more.replace(`n: integer("n")`, `n: bigint("n", { mode: "number" })`),
    "",
    `index("items_org").on(t.org)`,
  );
  const safe = await run("generate", "--name", "bigger", "--safe", "--yes");
  expect(safe.status, safe.stderr).toBe(0);
  const { deployments, status } = document(safe).fix;
  expect(status).toBe("written");
  expect(deployments.map(({ file: of }: { file: string }) => of)).toEqual([
    "backend/drizzle.later/0002_bigger.1-switch.sql",
    "backend/drizzle.later/0002_bigger.2-drop.sql",
  ]);
  const later = readFileSync(join(project.path, deployments[0].file), "utf8");
  expect(later).toBe(deployments[0].sql);
  expect(document(await run("generate"))).toMatchObject({ status: "unchanged" });
  const applied = await run("migrate");
  expect(applied.status, applied.stderr).toBe(0);
});

test("what main has had is never touched", async () => {
  project.write("backend/drizzle/0003_index.sql", "CREATE INDEX items_name ON items (name);");
  const journal = JSON.parse(file("meta/_journal.json"));
  journal.entries.push({
    ...journal.entries[2],
    idx: 3,
    tag: "0003_index",
    when: journal.entries[2].when + 1000,
  });
  project.write("backend/drizzle/meta/_journal.json", JSON.stringify(journal));
  const main = await run("migrate", "--target", "dev", "--no-rehearse");
  expect(main.status, main.stderr).toBe(0);
  const fixed = await run("migrate", "--plan", "--fix", "--yes");
  expect(document(fixed).fix).toMatchObject({
    status: "nothing",
    left: [
      { migration: "0003_index", rule: "index-blocks-writes", because: "branch main has had it" },
    ],
  });
  expect(file("0003_index.sql")).toBe("CREATE INDEX items_name ON items (name);");
});

test.each([
  [["migrate", "--fix"]],
  [["migrate", "--plan", "--small"]],
  [["migrate", "--yes"]],
  [["generate", "--yes"]],
])("flags that do not go together: %j", async (args) => {
  const refused = await run(...args);
  expect(refused.status).toBe(2);
  expect(document(refused).error).toMatchObject({ code: "USAGE" });
});

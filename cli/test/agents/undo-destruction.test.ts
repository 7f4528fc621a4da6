import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { testWith } from "../../../scripts/test-support/needs.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import { describeDatabase } from "../helpers/drizzle/describe-database.ts";
import { installKit, type KitVersion } from "../helpers/drizzle/kit.ts";
import { DsProject } from "../helpers/ds-project.ts";
import { prisma } from "../helpers/tools.ts";

// What agents do to a database by mistake, each with its own tool, and `ds db undo --to-before-destruction` after it.

const project = new DsProject(
  `{ project: "shop", stages: { dev: {}, prod: { project: "shop-production" } } }`,
);

interface Loss {
  kind: string;
  table?: string;
  rows?: number | null;
}

interface Listed {
  transaction: string;
  losses: Loss[];
}

async function connected<T>(work: (sql: (text: string) => Promise<object[]>) => Promise<T>) {
  const client = await connectPostgres(project.url, { what: "the test" });
  try {
    return await work(async (text) => (await client.query(text)).rows);
  } finally {
    await client.end();
  }
}

const run = (...statements: string[]) =>
  connected(async (sql) => {
    for (const statement of statements) await sql(statement);
  });

/** Of the schema and every row. */
async function hash(): Promise<string> {
  const client = await connectPostgres(project.url, { what: "the test" });
  try {
    const lines = await describeDatabase(client, { rows: true });
    return createHash("sha256").update(lines.join("\n")).digest("hex");
  } finally {
    await client.end();
  }
}

const undo = async (...args: string[]) => {
  const { status, stdout } = await project.run(["db", "undo", ...args, "--json"]);
  return { status, document: JSON.parse(stdout) };
};

const lossesOf = (transactions: { losses: Loss[] }[]): string[] =>
  transactions.flatMap(({ losses }) =>
    losses.map(({ kind, table, rows }) => `${kind} ${table ?? ""} ${rows ?? ""}`.trim()),
  );

beforeAll(async () => {
  project.migrations.add(
    "0000_items",
    `create type mood as enum ('a', 'b');
     create table items (id int primary key, label text, mood mood);
     create index on items (label);
     insert into items select n, 'item ' || n, 'a' from generate_series(1, 500) n;
     create table notes (item int references items, body text);
     insert into notes select n, 'note' from generate_series(1, 100) n;`,
  );
  const setup = await project.run(["setup", "--developer", "pat"]);
  expect(setup.status, setup.stderr).toBe(0);
});
afterAll(() => project.remove());

/** Some work of one's own, so that no state is one of before. */
beforeEach(() => run("insert into items select max(id) + 1, 'work', 'b' from items"));

async function undone(destroy: () => Promise<unknown>): Promise<string[]> {
  const before = await hash();
  await destroy();
  expect(await hash()).not.toBe(before);
  const { status, document } = await undo("--to-before-destruction", "--yes");
  expect(status, JSON.stringify(document)).toBe(0);
  expect(document).toMatchObject({ status: "undone", recoveryPoint: { name: /before-undo/ } });
  expect(await hash()).toBe(before);
  return lossesOf(document.undone.transactions);
}

test("drops the schema, as `prisma db push --force-reset` does", async () => {
  const losses = await undone(() =>
    run("drop schema public cascade", "create schema public", "create table other (n int)"),
  );
  expect(losses[0]).toBe("schema-dropped");
  expect(losses).toHaveLength(3);
});

test("truncates", async () => {
  const losses = await undone(() => run("truncate items cascade"));
  expect(losses.map((loss) => loss.replace(/ \d+$/, ""))).toEqual([
    "table-truncated items",
    "table-truncated notes",
  ]);
});

test("deletes without where, in two transactions, and works on", async () => {
  const losses = await undone(() =>
    run("delete from notes", "delete from items", "insert into items values (1, 'new', 'a')"),
  );
  expect(losses).toEqual(["all-rows-deleted notes 100", expect.stringMatching(/^all-rows-del/)]);
});

test("updates without where", async () => {
  const losses = await undone(() => run("update notes set body = 'gone'"));
  expect(losses).toEqual(["all-rows-updated notes 100"]);
});

test("drops a column", async () => {
  const losses = await undone(() => run("alter table items drop column label"));
  expect(losses).toEqual([expect.stringMatching(/^column-dropped items/)]);
});

/** A project of the agent's, whose schema is empty. */
function kitProject(version: KitVersion): string {
  const folder = join(project.folder, `kit-${version}`);
  mkdirSync(folder);
  installKit(version, folder);
  writeFileSync(join(folder, "schema.ts"), "export const nothing = 1;\n");
  writeFileSync(
    join(folder, "drizzle.config.ts"),
    `export default { dialect: "postgresql", schema: "./schema.ts", dbCredentials: { url: process.env.DATABASE_URL } };\n`,
  );
  return folder;
}

const agreed = ["items", "notes"].map((table) => ({
  type: "confirm_data_loss",
  kind: "table",
  entity: ["public", table],
}));

// 1.0 asks, also with --force; an agent answers as it is told to.
test.each<[KitVersion, string[]]>([
  ["0.31", []],
  ["1.0", ["--hints", JSON.stringify(agreed)]],
])("pushes an empty schema with drizzle-kit %s", async (version, more) => {
  const folder = kitProject(version);
  const bin = join(folder, "node_modules/drizzle-kit/bin.cjs");
  const env = { ...process.env, DATABASE_URL: project.url };
  const losses = await undone(() =>
    promisify(execFile)(process.execPath, [bin, "push", "--force", ...more], { cwd: folder, env }),
  );
  const tables = losses.filter((loss) => loss.startsWith("table-dropped"));
  expect(tables.map((loss) => loss.replace(/ \d+$/, "")).sort()).toEqual([
    "table-dropped items",
    "table-dropped notes",
  ]);
});

testWith(prisma, "pushes an empty schema with Prisma", async (packages) => {
  const folder = join(project.folder, "prisma");
  mkdirSync(folder);
  symlinkSync(packages, join(folder, "node_modules"));
  writeFileSync(
    join(folder, "schema.prisma"),
    `datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n`,
  );
  writeFileSync(
    join(folder, "prisma.config.ts"),
    `import { PrismaPg } from "@prisma/adapter-pg";
     export default { experimental: { adapter: true }, engine: "js", schema: "schema.prisma",
       adapter: async () => new PrismaPg({ connectionString: process.env.DATABASE_URL }) };`,
  );
  // It looks for its native engine before anything else, and does not use it.
  writeFileSync(join(folder, "no-engine.node"), "");
  const env = {
    ...process.env,
    DATABASE_URL: project.url,
    PRISMA_QUERY_ENGINE_LIBRARY: join(folder, "no-engine.node"),
  };
  const bin = join(packages, "prisma/build/index.js");
  const args = ["db", "push", "--force-reset", "--accept-data-loss", "--skip-generate"];
  // The reset is done when the adapter fails at a type of the catalogue's, as it does in this version.
  const losses = await undone(() =>
    promisify(execFile)(process.execPath, [bin, ...args], { cwd: folder, env }).catch(() => {}),
  );
  expect(losses.filter((loss) => loss.startsWith("table-dropped"))).toHaveLength(2);
});

describe("which one", () => {
  test("all are listed, the last first; one is chosen by its number; nothing is changed without a yes", async () => {
    await run("delete from notes");
    const between = await hash();
    await run("drop table notes", "create table later (n int)");
    const { document } = await undo("--to-before-destruction", "--list");
    // One series, or two where the machine was slow in between.
    const transactions = document.destructions
      .flatMap((each: { transactions: object[] }) => each.transactions)
      .sort((one: Listed, other: Listed) => Number(one.transaction) - Number(other.transaction));
    const kinds = transactions.map(({ losses }: Listed) => losses.map(({ kind }) => kind));
    expect(kinds).toEqual([["all-rows-deleted"], ["table-dropped"]]);
    expect(document).toMatchObject({ status: "listed", log: { complete: true } });
    const dropped = transactions[1].transaction;
    const asked = await undo("--to-before-destruction", "--transaction", dropped);
    expect(asked).toMatchObject({
      status: 2,
      document: { error: { code: "CONFIRMATION_REQUIRED" } },
    });
    const { document: back } = await undo(
      "--to-before-destruction",
      "--transaction",
      dropped,
      "--yes",
    );
    expect(back.undone.transactions).toMatchObject([{ losses: [{ kind: "table-dropped" }] }]);
    expect(await hash()).toBe(between);
    // And back again, as after every undo.
    expect((await undo("--yes")).status).toBe(0);
    expect(await connected((sql) => sql("select to_regclass('later')::text as t"))).toEqual([
      { t: "later" },
    ]);
    expect((await undo("--yes")).status).toBe(0);
    expect(await hash()).toBe(between);
  });

  test("none: that is said, with where the log begins", async () => {
    expect(await undo("--to-before-destruction", "--yes")).toMatchObject({
      status: 4,
      document: { error: { code: "NOT_FOUND", reason: "NO_DESTRUCTION" } },
    });
    expect(
      await undo("--to-before-destruction", "--transaction", "4000000000", "--yes"),
    ).toMatchObject({ status: 4, document: { error: { reason: "NO_DESTRUCTION" } } });
  });

  test.each([
    [["--list"]],
    [["--transaction", "7"]],
    [["--to-before-destruction", "--list", "--yes"]],
    [["--to-before-destruction", "--transaction", "0/17", "--yes"]],
  ])("%j is refused", async (args) => {
    expect(await undo(...args)).toMatchObject({
      status: 2,
      document: { error: { code: "USAGE" } },
    });
  });
});

describe("in no other branch", () => {
  beforeAll(async () => {
    const { stdout } = await project.run(["engine", "env", "--json"]);
    const { NEON_API_HOST: host, NEON_API_KEY: key } = JSON.parse(stdout);
    const { stdout: shown } = await project.run(["db", "status", "--json"]);
    const response = await fetch(`${host}/projects/${JSON.parse(shown).project.id}/branches`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({
        branch: { name: "dev-anna-local" },
        endpoints: [{ type: "read_write" }],
      }),
    });
    expect(response.status).toBe(201);
  });

  test.each([
    ["main", "STAGE_IS_SHARED"],
    ["dev", "STAGE_IS_SHARED"],
    ["prod", "STAGE_IS_SHARED"],
    ["anna-local", "NOT_OWN_BRANCH"],
  ])("%s", async (stage, reason) => {
    for (const way of [["--to-before-destruction"], []]) {
      expect(await undo(...way, "--target", stage, "--yes")).toMatchObject({
        status: 6,
        document: { error: { code: "REFUSED", reason } },
      });
    }
    expect(await undo("--to-before-destruction", "--target", stage, "--list")).toMatchObject({
      status: 6,
      document: { error: { reason } },
    });
  });
});

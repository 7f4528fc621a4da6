import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { schemaChanges } from "../../../src/postgres/schema/diff.ts";
import { migrationBetween } from "../../../src/postgres/schema/migration/io/migration-between.ts";
import { migrationText, transactionText } from "../../../src/postgres/schema/migration/text.ts";
import { DsProject } from "../../helpers/ds-project.ts";
import { randomFrom } from "../rows/random-changes.ts";
import { randomSchema } from "./random-schema.ts";

// What `ds db diff --migration` writes is applied, and pg_dump finds no difference afterwards.

const seeds = Number(process.env.TEST_SCHEMA_SEEDS ?? 5);

const project = new DsProject(`{ project: "shop" }`);
let ids: { id: string; project: string };
let url: string;

beforeAll(async () => {
  const setup = await project.run(["setup", "--developer", "pat"]);
  expect(setup.status, setup.stderr).toBe(0);
  url = project.url;
  await withClient(url, async (client) => {
    const { rows } = await client.query(
      "select current_setting('neon.branch_id') as id, current_setting('neon.project_id') as project",
    );
    ids = rows[0];
    await client.query("create role reader");
  });
});
afterAll(() => project.remove());

async function withClient<T>(to: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: to });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const urlOf = (database: string) => url.replace(/\/neondb\b/, `/${database}`);

async function fresh(database: string, sql: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(`drop database if exists ${database} with (force)`);
    await client.query(`create database ${database}`);
  });
  await withClient(urlOf(database), (client) => client.query(sql));
}

async function dump(database: string): Promise<string> {
  const engine = JSON.parse(readFileSync(join(project.home, "engine.json"), "utf8"));
  const key = readFileSync(join(project.home, "api-key"), "utf8").trim();
  const answer = await fetch(
    `${engine.url}/projects/${ids.project}/branches/${ids.id}/schema?db_name=${database}`,
    { headers: { authorization: `Bearer ${key}` } },
  );
  return ((await answer.json()) as { sql: string }).sql;
}

/** Applies it to `one`, and tells what differs from `other` then. */
async function migrate(refused: RegExp | undefined = undefined) {
  const dumps = [await dump("one"), await dump("other")] as const;
  const migration = await withClient(urlOf("one"), (base) =>
    withClient(urlOf("other"), (branch) =>
      migrationBetween({
        base: { dump: dumps[0], client: base },
        branch: { dump: dumps[1], client: branch },
        role: "neondb_owner",
      }),
    ),
  );
  const text = migrationText(migration, "test");
  const refusals = migration.refusals.filter((each) => !refused?.test(each));
  if (refusals.length > 0) return { refusals, text };
  await withClient(urlOf("one"), async (client) => {
    for (const sql of [...migration.apart, transactionText(migration)]) {
      await client.query(sql).catch((error) => {
        throw new Error(
          `${error.message} ${error.detail ?? ""} at ${sql.slice(Math.max(0, error.position - 300), error.position)}\n${text}`,
        );
      });
    }
  });
  const left = schemaChanges(await dump("one"), dumps[1], { columnOrder: false });
  return { left, text };
}

test("random pairs of schemas", async () => {
  let refusedPairs = 0;
  const failures: string[] = [];
  for (let seed = 1; seed <= seeds; seed += 1) {
    const random = randomFrom(seed);
    await make("one", random);
    await make("other", random);
    try {
      const { refusals, left, text } = await migrate();
      if (refusals) {
        refusedPairs += 1;
        failures.push(`${seed}: refused ${refusals.join(" | ")}`);
      } else if (left?.length) failures.push(`${seed}: ${JSON.stringify(left)}\n${text}`);
    } catch (error) {
      failures.push(`${seed}: ${(error as Error).message}`);
    }
  }
  expect(failures).toEqual([]);
});

/** Until one is valid: forms may not fit together. */
async function make(database: string, random: ReturnType<typeof randomFrom>): Promise<void> {
  for (;;) {
    try {
      await fresh(database, randomSchema(random));
      return;
    } catch (error) {
      if (!(error as { code?: string }).code) throw error;
    }
  }
}

describe("the sample of all that a dump can hold", () => {
  const sample = () =>
    readFileSync(new URL("../../../../engine/test/schema-sample.sql", import.meta.url), "utf8");

  test("from nothing, and away again", async () => {
    await fresh("one", "select 1");
    await fresh("other", sample());
    expect((await migrate()).left).toEqual([]);
    await fresh("other", "select 1");
    expect((await migrate()).left).toEqual([]);
  });
});

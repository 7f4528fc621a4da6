import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Random, randomFrom } from "../rows/random-changes.ts";
import { randomSchema } from "./random-schema.ts";
import { type Name, TwoSchemas } from "./two-schemas.ts";

// What `ds db diff --migration` writes is applied, and pg_dump finds no difference afterwards.

/** How many random pairs of schemas. */
const seeds = Number(process.env.TEST_SCHEMA_SEEDS ?? 5);

const schemas = new TwoSchemas();

beforeAll(() => schemas.start());
afterAll(() => schemas.stop());

/** Until one is valid: forms may not fit together. */
async function makeRandom(database: Name, random: Random): Promise<void> {
  for (;;) {
    try {
      await schemas.make(database, randomSchema(random));
      return;
    } catch (error) {
      if (!(error as { code?: string }).code) throw error;
    }
  }
}

test("random pairs of schemas", async () => {
  for (let seed = 1; seed <= seeds; seed += 1) {
    const random = randomFrom(seed);
    await makeRandom("one", random);
    await makeRandom("other", random);
    const { refusals, left, text } = await schemas.migrate();
    expect({ seed, refusals, left }, text).toEqual({ seed, refusals: [], left: [] });
  }
});

test("the sample of all that a dump can hold: from nothing, and away again", async () => {
  const sample = new URL("../../../../engine/test/schema-sample.sql", import.meta.url);
  await schemas.make("one", "select 1");
  await schemas.make("other", readFileSync(sample, "utf8"));
  expect(await schemas.migrate()).toMatchObject({ refusals: [], left: [] });
  await schemas.make("other", "select 1");
  expect(await schemas.migrate()).toMatchObject({ refusals: [], left: [] });
});

test("views that need a key, types without a cast, and partitions that join what has keys", async () => {
  await schemas.make(
    "one",
    `create table a (id bigint primary key, ref bigint, tags jsonb);
     create view v as select id, ref, count(*) from a group by id;
     create view w as select id from v;
     create table p (id int primary key) partition by range (id)`,
  );
  await schemas.make(
    "other",
    `create table a (id int, ref uuid, tags text[], constraint other primary key (id));
     create view v as select id, ref, count(*) as many from a group by id;
     create view w as select id from v;
     create table p (id int primary key) partition by range (id);
     create table p1 partition of p for values from (1) to (5)`,
  );
  expect(await schemas.migrate()).toMatchObject({ refusals: [], left: [] });
});

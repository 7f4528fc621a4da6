import { expect, test } from "vitest";
import { batchedUpdate } from "./batches.ts";
import { cutMigration, readStatements } from "./parse.ts";

async function update(sql: string) {
  const [statement] = await readStatements(sql);
  return batchedUpdate(statement?.node, sql);
}

test("an UPDATE is cut at its own WHERE", async () => {
  expect(
    await update(`update s."T" as t set a = (select 1 where true) where a is null and b > 1`),
  ).toEqual({
    table: `"s"."T"`,
    qualifier: `"t"`,
    head: `update s."T" as t set a = (select 1 where true) `,
    condition: " a is null and b > 1",
  });
});

test.each([
  "update t set a = default where a is null",
  "update t set a = gen_random_uuid(), b = 1 where t.a is null",
  "update t set a = b::bigint where a is distinct from b::bigint and c",
])("no row is changed twice: %s", async (sql) => {
  expect(await update(sql)).toMatchObject({ table: `"t"`, qualifier: `"t"` });
});

test.each([
  "update t set a = a + 1",
  "update t set a = a + 1 where true",
  "update t set a = 1 where b is null",
  "update t set a = 1 where a is null or b",
  "update t set a = null where a is null",
  "update t set a = b where a is distinct from c",
  "update t set a = u.a from u where t.a is null",
  "update t set a = 1 where a is null returning a",
  "with u as (select 1) update t set a = 1 where a is null",
  "delete from t where a is null",
])("a row might be: %s", async (sql) => {
  expect(await update(sql)).toBeUndefined();
});

test("a step of its own", async () => {
  const sql =
    "select 1;\n-- why\n  -- ds:batches\nupdate t set a = 1 where a is null;\nselect '-- ds:batches';";
  const { problems, steps } = await cutMigration(sql);
  expect(problems).toEqual([]);
  expect(steps.map(({ batches, statements }) => [batches?.table, statements])).toEqual([
    [undefined, 1],
    [`"t"`, 1],
    [undefined, 1],
  ]);
});

test("what cannot be done in batches is refused", async () => {
  const { problems } = await cutMigration("-- ds:batches\nupdate t set a = a + 1;");
  expect(problems.map(({ reason }) => reason)).toEqual(["NO_BATCHES"]);
});

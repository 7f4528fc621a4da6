import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pgTypes, typesSql } from "../../refresh/pg-types.ts";
import { applyChanges, randomFrom, tablesOfTest } from "./random-changes.ts";
import { changeRelations, relations, surroundingsSql } from "./random-relations.ts";
import { counts, TwoSides } from "./two-sides.ts";

/** How many random change sets; 500 with TEST_ROW_SEEDS=500. */
const seeds = Number(process.env.TEST_ROW_SEEDS ?? 12);

let sides: TwoSides;

beforeAll(async () => {
  sides = await TwoSides.start();
});
afterAll(() => sides?.stop());

/** Applies the statements to the base, and counts what differs then. */
async function apply(tables?: readonly string[]): Promise<number> {
  const sql = await sides.statements(tables);
  await sides.withBoth(async (base) => {
    await base.query(
      "set datestyle = 'German'; set timezone = 'Asia/Tokyo'; set bytea_output = 'escape'",
    );
    await base.query(sql).catch((error) => {
      throw new Error(
        `${error.message} ${error.detail ?? ""} ${error.where ?? ""}\n${sql.slice(0, 20_000)}`,
      );
    });
  });
  const found = Object.values(counts(await sides.compare()));
  return found.reduce((sum, { added, removed, changed }) => sum + added + removed + changed, 0);
}

const surroundings = () =>
  sides.withBoth(
    async (base) => (await base.query<{ all: unknown }>(surroundingsSql)).rows[0]?.all,
  );

const sequences = () =>
  sides.withBoth((base, branch) =>
    Promise.all(
      [base, branch].map(
        async (client) => (await client.query("select * from pg_sequences order by 1, 2")).rows,
      ),
    ),
  );

describe("after the statements nothing differs", () => {
  test("tables that have nothing to do with each other", async () => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const random = randomFrom(seed);
      await sides.make(tablesOfTest(random));
      await sides.withBoth(async (base, branch) => {
        await applyChanges(base, random);
        await applyChanges(branch, random);
      });
      expect({ seed, left: await apply() }).toEqual({ seed, left: 0 });
    }
  });

  test("tables that refer to each other, in circles, with actions, unique values, triggers and rules", async () => {
    for (let seed = 1; seed <= seeds * 2; seed += 1) {
      const random = randomFrom(seed);
      await sides.make(relations);
      await sides.withBoth(async (base, branch) => {
        await changeRelations(base, random);
        await changeRelations(branch, random);
      });
      const before = await surroundings();
      expect({ seed, left: await apply() }).toEqual({ seed, left: 0 });
      expect({ seed, is: await surroundings() }).toEqual({ seed, is: before });
      const [base, branch] = await sequences();
      expect({
        seed,
        sequences: base?.map(({ last_value, sequencename }) => [sequencename, last_value]),
      }).toEqual({
        seed,
        sequences: branch?.map(({ last_value, sequencename }) => [sequencename, last_value]),
      });
    }
  });

  test("every type, in a key where it can be in one", async () => {
    const types = pgTypes([]).filter(({ ofOneServer }) => !ofOneServer);
    const tables = types.map(
      ({ type, unique }, index) =>
        `create table t${index} (v ${type}${unique ? " primary key" : ""}, w ${type}, n int)`,
    );
    const insert = (index: number, value: string, n: number) =>
      `insert into t${index} select ${value}, ${value}, ${n} from (select ${n}::bigint as n) s`;
    const both = types.flatMap(({ value }, index) => [1, 2, 3].map((n) => insert(index, value, n)));
    const changes = types.flatMap(({ value }, index) => [
      insert(index, value, 5),
      `delete from t${index} where n = 1`,
      `update t${index} set w = (select ${value} from (select 6::bigint as n) s) where n = 2`,
      `update t${index} set w = null where n = 3`,
    ]);
    await sides.make([typesSql, ...tables, ...both].join("; "), { branch: changes.join("; ") });
    expect(await apply()).toBe(0);
  });
});

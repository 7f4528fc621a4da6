import type { Client } from "pg";
import { expect, test } from "vitest";
import { limits } from "../../../../scripts/test-support/limits.ts";
import { describeWith, longRun } from "../../../../scripts/test-support/needs.ts";
import { probe } from "../../../src/migrations/findings/io/probe.ts";
import { readSchemaFacts } from "../../../src/migrations/findings/io/read-schema.ts";
import { judge } from "../../../src/migrations/findings/judge.ts";
import { SchemaModel } from "../../../src/migrations/findings/model/schema-model.ts";
import { parseMigration } from "../../../src/migrations/folder/parsed-migration.ts";
import { LockCatalogue } from "../../../src/migrations/plan/locks/catalogue.ts";
import { connectPostgres } from "../../../src/postgres/io/connect.ts";
import { startPostgres } from "../../helpers/postgres-server.ts";

// One row of ten million that a migration would fail on, a hundred times: found, or said not to be looked for in time.

const rows = 10_000_000;
const settings = { rules: {}, smallTable: { rows: 0, bytes: 0 } };

const plants = [
  { rule: "nulls", plant: "v = null", sql: "alter table big alter v set not null" },
  {
    rule: "duplicates",
    plant: "u = -1 - (id % 2)",
    sql: "alter table big add constraint big_u unique (u)",
  },
  {
    rule: "orphans",
    plant: "p = 0",
    sql: "alter table big add constraint big_p foreign key (p) references parents",
  },
  { rule: "casts", plant: "t = 'x'", sql: "alter table big alter t type integer using t::integer" },
] as const;

async function make(sql: Client): Promise<void> {
  await sql.query(`
    create table parents (id int primary key);
    insert into parents select generate_series(1, 1000);
    create unlogged table big (id int, v int, u int, p int, t text);
    insert into big select n, n, n, 1 + n % 1000, n::text from generate_series(1, ${rows}) n;
    alter table big add primary key (id);
    analyze`);
}

describeWith(longRun, "ten million rows", () => {
  test("a hundred planted rows", { timeout: limits.longTest }, async () => {
    const server = await startPostgres();
    const sql = await connectPostgres(await server.createDatabase(), { what: "the test" });
    try {
      await make(sql);
      const times = new Map<string, { found: number; late: number; ms: number[] }>();
      for (let at = 0; at < 100; at += 1) {
        const { plant, rule, sql: text } = plants[at % plants.length] ?? plants[0];
        const id = 1 + ((at * 7_919_993) % (rows - 1));
        await sql.query("begin");
        await sql.query(
          `update big set ${plant} where id in (${id}, ${rule === "duplicates" ? id + 2 : id})`,
        );
        await sql.query("commit");
        const parsed = await parseMigration({
          name: "0001_a",
          file: "0001_a.sql",
          sql: text,
        } as never);
        const { suspicions } = judge(
          parsed ? [parsed] : [],
          new SchemaModel(await readSchemaFacts(sql)),
          LockCatalogue.empty,
          settings,
        );
        const own = suspicions.filter((one) => one.rule.name === rule);
        const began = performance.now();
        const [result] = [...(await probe(sql, own)).values()];
        const row = times.get(rule) ?? { found: 0, late: 0, ms: [] };
        times.set(rule, row);
        row.ms.push(performance.now() - began);
        if (result?.kind === "not-tried") row.late += 1;
        else {
          row.found += 1;
          expect(result?.count).toBe(rule === "duplicates" ? 2 : 1);
          expect(result?.examples).toContain(`id=${id}`);
        }
        await sql.query(
          `update big set v = id, u = id, p = 1 + id % 1000, t = id::text where id in (${id}, ${id + 2})`,
        );
      }
      for (const [rule, { found, late, ms }] of times) {
        const median = ms.toSorted((a, b) => a - b)[Math.floor(ms.length / 2)] ?? 0;
        console.log(`${rule}: ${found} found, ${late} not tried, median ${median.toFixed(0)} ms`);
      }
    } finally {
      await sql.end();
      await server.stop();
    }
  });
});

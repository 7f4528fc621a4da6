import type { Client } from "pg";
import type { RefreshPlan } from "../../model/plan.ts";
import type { KeptRows } from "../load.ts";

/** What the tables hold that keep main's rows; the digest does not depend on the rows' order. */
export async function readKept(client: Client, { tables }: RefreshPlan): Promise<KeptRows> {
  const kept: KeptRows = new Map();
  for (const table of tables.filter((each) => each.class === "keep")) {
    const { rows } = await client.query<{ rows: number; digest: string }>(
      `select count(*)::float8 as rows,
         coalesce(sum(pg_catalog.hashtextextended(t::text, 0)::numeric), 0)::text as digest
       from ${table.from} t`,
    );
    const [found] = rows;
    if (found !== undefined) kept.set(table, found);
  }
  return kept;
}

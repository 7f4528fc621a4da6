import type { Client } from "pg";
import { quoteLiteral } from "../../../postgres/quote.ts";
import type { CatalogueTable } from "../../model/catalogue.ts";
import { shownName } from "../../model/names.ts";
import { fromSql } from "../../rules/ownership.ts";

/** More than this is not counted: such a table is no list that migrations made. */
const most = 10_000;

/** Rows of each table that may be read, as many as are counted. */
export async function countRows(
  client: Pick<Client, "query">,
  tables: readonly CatalogueTable[],
): Promise<Map<string, number>> {
  const counted = tables.filter(({ kind, readable }) => kind !== "partition" && readable);
  if (counted.length === 0) return new Map();
  const selects = counted.map(
    (table) =>
      `select ${quoteLiteral(shownName(table))} as name, (select count(*) from (select from ${fromSql(table)} limit ${most}) r)::int as rows`,
  );
  const { rows } = await client.query<{ name: string; rows: number }>(selects.join(" union all "));
  return new Map(rows.map(({ name, rows: count }) => [name, count]));
}

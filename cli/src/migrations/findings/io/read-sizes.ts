import type { Client } from "pg";
import { type SizeRow, type TableSize, tableSizes } from "../table-size.ts";

/** By the names that statements use; what is not there is left out. */
export async function readSizes(
  client: Client,
  tables: readonly string[],
): Promise<Map<string, TableSize>> {
  const { rows } = await client.query<SizeRow>(
    `select t.table, c.reltuples as rows, pg_total_relation_size(c.oid) as bytes
     from unnest($1::text[]) as t("table") join pg_class c on c.oid = to_regclass(t.table)`,
    [tables],
  );
  return tableSizes(rows);
}

import type { Client } from "pg";
import { quoteLiteral } from "../../../postgres/quote.ts";
import type { CatalogueTable } from "../../model/catalogue.ts";
import { shownName } from "../../model/names.ts";
import { fromSql } from "../../rules/ownership.ts";

/** More than this is not counted: such a table is no list that migrations made. */
const most = 10_000;

type Counted = Pick<CatalogueTable, "schema" | "name" | "kind" | "readable">;

/** Rows of the tables of a database that nobody else works with, where there are any. */
export async function filledTables(client: Pick<Client, "query">): Promise<Map<string, number>> {
  const { rows } = await client.query<Counted>(
    `select n.nspname as schema, c.relname as name, true as readable,
       case c.relkind when 'p' then 'partitioned' else 'table' end as kind
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition
       and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
       and (pg_relation_size(c.oid) > 0
         or exists (select from pg_partition_tree(c.oid) t where pg_relation_size(t.relid) > 0))`,
  );
  return countRows(client, rows);
}

/** Rows of each table that may be read, as many as are counted. */
export async function countRows(
  client: Pick<Client, "query">,
  tables: readonly Counted[],
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

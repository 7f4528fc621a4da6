import type { Client } from "pg";
import { formerTables, ownSchema } from "../../../postgres/own-schema.ts";
import type { LedgerName } from "../../ledger/ledger-name.ts";

/** Tables beyond this are not read through: it would take longer than it is worth. */
const largestBytes = 1024 ** 3;

interface Written {
  oid: number;
  table: string;
  writes: number;
}

/** From here on; what is handed back sums up the rows of each table that was written to, the ledger left out. */
export async function watchRows(
  client: Client,
  ledger: LedgerName,
): Promise<() => Promise<Record<string, string>>> {
  const before = new Map((await written(client, ledger)).map(({ oid, writes }) => [oid, writes]));
  return async () => {
    const sums: Record<string, string> = {};
    for (const { oid, table, writes } of await written(client, ledger)) {
      if (writes > (before.get(oid) ?? 0)) sums[table] = await sumOf(client, oid, table);
    }
    return sums;
  };
}

async function written(client: Client, ledger: LedgerName): Promise<Written[]> {
  await client.query("select pg_stat_clear_snapshot()");
  const { rows } = await client.query<Written>(
    `select relid::int8::float8 as oid, format('%I.%I', schemaname, relname) as "table",
       (n_tup_ins + n_tup_upd + n_tup_del)::float8 as writes
     from pg_catalog.pg_stat_user_tables
     where pg_catalog.pg_table_size(relid) < ${largestBytes}
       and not (schemaname = $1 and relname = any($2)) and schemaname <> $3
     order by 2`,
    [ledger.schema, [ledger.table, ...Object.values(formerTables)], ownSchema],
  );
  return rows;
}

/**
 * The same for the same rows, in whatever order they and their columns stand. Numbers that a sequence
 * gave depend on who came first and say nothing else, so they are left out.
 */
async function sumOf(client: Client, oid: number, table: string): Promise<string> {
  const { rows: columns } = await client.query<{ name: string }>(
    `select quote_ident(a.attname) as name from pg_catalog.pg_attribute a
     left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped and a.attidentity = ''
       and coalesce(pg_get_expr(d.adbin, d.adrelid), '') not like 'nextval(%'
     order by 1`,
    [oid],
  );
  const row = `row(${columns.map(({ name }) => name).join(", ")})::text`;
  const { rows } = await client.query<{ sum: string }>(
    `select count(*) || ' ' || coalesce(sum(hashtextextended(${row}, 0)::numeric), 0) as sum from ${table}`,
  );
  return rows[0]?.sum ?? "";
}

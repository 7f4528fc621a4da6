import type { Client } from "pg";

/** Each line one fact of the catalogue; Drizzle's ledger and what ds keeps beside it are left out. */
const facts = `
  with spaces as (
    select oid, nspname from pg_namespace
    where nspname !~ '^(pg_|information_schema$)' and nspname not like '%drizzle%' and nspname not like '%ds%'
  ), relations as (
    select c.*, n.nspname from pg_class c join spaces n on n.oid = c.relnamespace
  )
  select format('schema %s', nspname) as fact from spaces
  union all
  select format('%s %I.%I %s %s %s %s', relkind, nspname, relname, relpersistence, reloptions, relrowsecurity,
    pg_get_expr(relpartbound, oid)) from relations where relkind <> 'i'
  union all
  select format('column %I.%I %s %I %s %s %s %s %s %s', r.nspname, r.relname,
    row_number() over (partition by r.oid order by attnum), attname, format_type(atttypid, atttypmod), attnotnull,
    attidentity, attgenerated, pg_get_expr(adbin, adrelid), attcollation::regcollation)
  from pg_attribute a join relations r on r.oid = attrelid and relkind in ('r', 'p', 'v', 'm')
  left join pg_attrdef d on (adrelid, adnum) = (attrelid, attnum)
  where attnum > 0 and not attisdropped
  union all
  select format('constraint %I.%I %I %s %s', nspname, relname, conname, pg_get_constraintdef(c.oid), convalidated)
  from pg_constraint c join relations r on r.oid = conrelid
  union all
  select format('index %s %s', pg_get_indexdef(indexrelid), indisvalid) from pg_index join relations r on r.oid = indrelid
  union all
  select format('view %I.%I %s', nspname, relname, pg_get_viewdef(oid)) from relations where relkind in ('v', 'm')
  union all
  select format('routine %s', pg_get_functiondef(p.oid)) from pg_proc p join spaces n on n.oid = pronamespace
  where prokind in ('f', 'p') and not exists (select from pg_depend where objid = p.oid and deptype = 'e')
  union all
  select format('enum %I.%I %s', nspname, typname, array_agg(enumlabel order by enumsortorder))
  from pg_type t join spaces n on n.oid = typnamespace join pg_enum on enumtypid = t.oid group by nspname, typname
  union all
  select format('domain %I.%I %s %s', nspname, typname, format_type(typbasetype, typtypmod), typdefault)
  from pg_type t join spaces n on n.oid = typnamespace where typtype = 'd'
  union all
  select format('trigger %s', pg_get_triggerdef(t.oid)) from pg_trigger t join relations r on r.oid = tgrelid
  where not tgisinternal
  union all
  select format('policy %I.%I %I %s %s %s', nspname, relname, polname, polcmd, pg_get_expr(polqual, polrelid),
    pg_get_expr(polwithcheck, polrelid)) from pg_policy join relations r on r.oid = polrelid
  union all
  select format('sequence %I.%I %s %s', schemaname, sequencename, data_type, increment_by) from pg_sequences
  where schemaname in (select nspname from spaces)
  union all
  select format('comment %s %s %s', objoid::regclass, objsubid, description) from pg_description
  where classoid = 'pg_class'::regclass and objoid in (select oid from relations)
  union all
  select format('extension %s', extname) from pg_extension`;

/** What a database holds, as lines that are equal for equal databases. */
export async function describeDatabase(
  sql: Client,
  { rows }: { rows: boolean },
): Promise<string[]> {
  await sql.query("set search_path = ''");
  const lines = await column(sql, facts);
  if (rows) {
    const tables = await column(
      sql,
      `select format('%I.%I', schemaname, tablename) from pg_tables
       where schemaname !~ '^(pg_|information_schema$)' and schemaname not like '%drizzle%' and schemaname not like '%ds%'`,
    );
    for (const table of tables) {
      const [sum] = await column(
        sql,
        `select string_agg(t::text, ' ' order by t::text) from ${table} t`,
      );
      lines.push(`rows ${table} ${sum}`);
    }
  }
  return lines.sort();
}

/** The ledger's rows without their numbers and times of day; none where there is no ledger. */
export async function describeLedger(sql: Client): Promise<string[]> {
  const [there] = await column(sql, "select to_regclass('drizzle.__drizzle_migrations')::text");
  if (there === null) return [];
  const { rows } = await sql.query("select * from drizzle.__drizzle_migrations order by id");
  return rows.map(({ id: _, applied_at: _at, ...row }) => JSON.stringify(row));
}

async function column(sql: Client, text: string): Promise<string[]> {
  const { rows } = await sql.query({ text, rowMode: "array" });
  return rows.map(([value]) => value);
}

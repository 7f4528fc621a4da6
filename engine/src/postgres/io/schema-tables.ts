import type pg from "pg";
import type { SchemaTable } from "../../model/schema-table.ts";

/** Every table of the database but Postgres' own, by schema and name; columns in their order. */
export async function readTables(client: pg.Client): Promise<SchemaTable[]> {
  const { rows } = await client.query<{ tables: SchemaTable[] }>(`
    with names as (
      -- The names of columns by table and number, for keys that refer to them by number.
      select attrelid, attnum, attname from pg_attribute where attnum > 0 and not attisdropped
    )
    select coalesce(json_agg(json_build_object(
      'schema', n.nspname,
      'name', c.relname,
      'columns', (
        select coalesce(json_agg(json_build_object(
          'name', a.attname,
          'type', format_type(a.atttypid, a.atttypmod),
          'nullable', not a.attnotnull,
          'generated', a.attgenerated <> ''
        ) order by a.attnum), '[]')
        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      ),
      'constraints', (
        select coalesce(json_agg(json_strip_nulls(json_build_object(
          'type', case k.contype when 'p' then 'primary_key' when 'u' then 'unique' else 'foreign_key' end,
          'name', k.conname,
          'columns', (
            select json_agg(names.attname order by o) from unnest(k.conkey) with ordinality u(num, o)
            join names on names.attrelid = k.conrelid and names.attnum = u.num
          ),
          'referenced_table', case when k.contype = 'f' then json_build_object(
            'schema', fn.nspname,
            'table', f.relname,
            'columns', (
              select json_agg(names.attname order by o) from unnest(k.confkey) with ordinality u(num, o)
              join names on names.attrelid = k.confrelid and names.attnum = u.num
            )
          ) end
        )) order by k.conname), '[]')
        from pg_constraint k
        left join pg_class f on f.oid = k.confrelid
        left join pg_namespace fn on fn.oid = f.relnamespace
        where k.conrelid = c.oid and k.contype in ('p', 'u', 'f')
      )
    ) order by n.nspname, c.relname), '[]') as tables
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
  `);
  return rows[0]?.tables ?? [];
}

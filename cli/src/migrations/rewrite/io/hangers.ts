import type { Client } from "pg";
import type { RewriteOptions } from "../rewrite.ts";

/** What hangs on tables and columns that a rewrite would set off, or leave behind. */
export async function readHangers(
  client: Client,
): Promise<Pick<RewriteOptions, "triggers" | "bound">> {
  const { rows } = await client.query<{ triggers: string[]; bound: string[] }>(query);
  return { triggers: new Set(rows[0]?.triggers), bound: new Set(rows[0]?.bound) };
}

const quoted = (name: string) => `'"' || replace(${name}, '"', '""') || '"'`;

const query = `
  with tables as materialized (
    select c.oid, ${quoted("n.nspname")} || '.' || ${quoted("c.relname")} as name
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')
      and n.nspname !~ '^pg_(toast|temp)'
  )
  select
    array(select distinct t.name from pg_catalog.pg_trigger g join tables t on t.oid = g.tgrelid
      where not g.tgisinternal and g.tgenabled <> 'D' and g.tgtype & 16 <> 0) as triggers,
    array(select t.name || '.' || ${quoted("a.attname")}
      from tables t join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
      where a.attacl is not null or a.attoptions is not null or a.attcompression <> '' or a.attstattarget >= 0
        or a.attcollation <> (select y.typcollation from pg_catalog.pg_type y where y.oid = a.atttypid)
        or a.attstorage <> (select y.typstorage from pg_catalog.pg_type y where y.oid = a.atttypid)
        or exists (select from pg_catalog.pg_description d
          where d.classoid = 'pg_catalog.pg_class'::regclass and d.objoid = t.oid and d.objsubid = a.attnum)
        or exists (select from pg_catalog.pg_depend d
          where d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = t.oid and d.refobjsubid = a.attnum
            and d.classid not in ('pg_catalog.pg_constraint'::regclass, 'pg_catalog.pg_class'::regclass))) as bound`;

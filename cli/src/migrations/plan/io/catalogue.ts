import type { Client } from "pg";
import { type CatalogueRows, LockCatalogue } from "../locks/catalogue.ts";

/** What a plan needs to know of tables that its statements do not name. */
export async function readLockCatalogue(client: Client): Promise<LockCatalogue> {
  const { rows } = await client.query<CatalogueRows>(query);
  return rows[0] === undefined ? LockCatalogue.empty : new LockCatalogue(rows[0]);
}

const columnNames = (table: string, numbers: string) =>
  `array(select a.attname::text from pg_catalog.pg_attribute a
     where a.attrelid = ${table} and a.attnum = any(${numbers}))`;

const query = `
  with relation as materialized (
    select c.oid, n.nspname as schema, c.relkind as kind, i.indrelid,
      coalesce(pg_catalog.pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT', false) as is_default,
      quoted.schema || '.' || quoted.name as qualified,
      case when pg_catalog.pg_table_is_visible(c.oid) then '' else quoted.schema || '.' end
        || quoted.name as name
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    left join pg_catalog.pg_index i on i.indexrelid = c.oid
    cross join lateral (select
      '"' || replace(n.nspname, '"', '""') || '"' as schema,
      '"' || replace(c.relname, '"', '""') || '"' as name) quoted
    where c.relkind in ('r', 'p', 'v', 'm', 'f', 'i', 'I')
      and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
  ), use as (
    select r.ev_class as by, d.refobjid as relation, d.refobjsubid as column
    from pg_catalog.pg_depend d join pg_catalog.pg_rewrite r on r.oid = d.objid
    where d.classid = 'pg_catalog.pg_rewrite'::regclass
      and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid <> r.ev_class
    union all
    select p.polrelid, d.refobjid, d.refobjsubid
    from pg_catalog.pg_depend d join pg_catalog.pg_policy p on p.oid = d.objid
    where d.classid = 'pg_catalog.pg_policy'::regclass
      and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid <> p.polrelid
  )
  select
    (select coalesce(json_agg(json_build_object('name', r.name, 'qualified', r.qualified,
         'schema', r.schema, 'kind', r.kind, 'table', t.name) order by r.name), '[]')
       from relation r left join relation t on t.oid = r.indrelid) as relations,
    (select coalesce(json_agg(json_build_object('name', f.conname, 'table', t.name,
         'columns', ${columnNames("f.conrelid", "f.conkey")}, 'referenced', r.name,
         'referencedColumns', ${columnNames("f.confrelid", "f.confkey")}, 'index', i.name,
         'onDelete', f.confdeltype, 'onUpdate', f.confupdtype, 'validated', f.convalidated)
         order by t.name, f.conname), '[]')
       from pg_catalog.pg_constraint f
       join relation t on t.oid = f.conrelid join relation r on r.oid = f.confrelid
       join relation i on i.oid = f.conindid
       where f.contype = 'f' and f.conparentid = 0) as "foreignKeys",
    (select coalesce(json_agg(json_build_object('parent', p.name, 'child', c.name,
         'isDefault', c.is_default) order by p.name, c.name), '[]')
       from pg_catalog.pg_inherits h
       join relation p on p.oid = h.inhparent join relation c on c.oid = h.inhrelid) as children,
    (select coalesce(json_agg(json_build_object('by', by, 'relation', relation, 'columns', columns)
         order by by, relation), '[]')
       from (select b.name as by, r.name as relation,
           ${columnNames("r.oid", "array_agg(u.column)")} as columns
         from use u join relation b on b.oid = u.by join relation r on r.oid = u.relation
         group by b.name, r.name, r.oid) grouped) as uses`;

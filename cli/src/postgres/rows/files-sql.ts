import type { TableFile } from "./pages.ts";

/** Row of `filesSql`: a file with rows, and the table that is compared. */
export interface FileRow extends TableFile {
  rootSchema: string;
  rootName: string;
}

/** Every file with rows of the tables of `tablesSql`, by table and object id; as it is at this moment, whatever the snapshot is. */
export const filesSql = `
  with recursive file as (
    select c.oid as root, coalesce(p.relid, c.oid) as oid
    from pg_class c left join lateral pg_partition_tree(c.oid) p on c.relkind = 'p'
    where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
      and c.relnamespace not in (select oid from pg_namespace where nspname ~ '^pg_' or nspname = 'information_schema')
      and (c.relkind = 'r' or p.isleaf)
  ), used (rel, type) as (
    select a.attrelid, a.atttypid from file f join pg_attribute a on a.attrelid = f.oid
    where a.attnum > 0 and not a.attisdropped
    union
    select u.rel, part.type
    from used u join pg_type t on t.oid = u.type, lateral (
      select t.typelem as type
      union all select t.typbasetype
      union all select r.rngsubtype from pg_range r where r.rngtypid = t.oid or r.rngmultitypid = t.oid
      union all select a.atttypid from pg_attribute a
        where t.typrelid <> 0 and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
    ) part
    where part.type <> 0
  ), type as (
    select t.oid, t.typname ~ '^reg' or t.typname = 'aclitem' as named,
      case when t.oid >= 16384 then jsonb_build_array(t.oid::int8, t.typname, t.typoutput::oid::int8,
        (select jsonb_agg(jsonb_build_array(e.oid::int8, e.enumlabel) order by e.oid) from pg_enum e where e.enumtypid = t.oid),
        (select jsonb_agg(jsonb_build_array(a.attname, a.atttypid::int8, a.atttypmod, a.attisdropped) order by a.attnum)
          from pg_attribute a where t.typrelid <> 0 and a.attrelid = t.typrelid and a.attnum > 0),
        (select e.extversion from pg_depend d join pg_extension e on e.oid = d.refobjid
          where d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e' limit 1)
      ) end as means
    from pg_type t where t.oid in (select used.type from used)
  )
  select rn.nspname as "rootSchema", root.relname as "rootName",
    c.oid, n.nspname as schema, c.relname as name, c.reltablespace as tablespace,
    coalesce(pg_relation_filenode(c.oid), 0) as filenode,
    c.relkind = 'r' and c.relpersistence = 'p' and am.amname = 'heap' as logged,
    pg_get_expr(c.relpartbound, c.oid) as bound,
    coalesce(case when c.relkind = 'r' then pg_relation_size(c.oid) end / current_setting('block_size')::int8, 0)::float8 as pages,
    coalesce((
      select json_agg(json_build_object(
        'name', a.attname,
        'reads', concat_ws(' ', a.attnum, a.atttypid, a.atttypmod, a.attlen, a.attalign, a.attgenerated,
          pg_get_expr(d.adbin, d.adrelid), a.attmissingval::text),
        'virtual', a.attgenerated = 'v') order by a.attnum)
      from pg_attribute a
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum and a.attgenerated <> ''
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    ), '[]') as columns,
    (select md5(string_agg(type.means::text, ' ' order by type.oid))
      from used join type on type.oid = used.type where used.rel = c.oid and type.means is not null) as types,
    coalesce((select bool_or(type.named) from used join type on type.oid = used.type where used.rel = c.oid), false)
      as "hasNames",
    has_table_privilege(c.oid, 'select') and not row_security_active(c.oid)
      and has_table_privilege(root.oid, 'select') and not row_security_active(root.oid) as readable
  from file f join pg_class c on c.oid = f.oid join pg_namespace n on n.oid = c.relnamespace
    join pg_class root on root.oid = f.root join pg_namespace rn on rn.oid = root.relnamespace
    left join pg_am am on am.oid = c.relam
  order by 1, 2, c.oid`;

/** Files that have been exchanged since: of these object ids, with the numbers that they had. */
export const exchangedSql = `
  select count(*)::int as exchanged from unnest($1::oid[], $2::oid[]) f (oid, filenode)
  where pg_relation_filenode(f.oid) is distinct from f.filenode`;

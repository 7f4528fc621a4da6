import { notOfExtension, ofProject } from "../sql.ts";

/** `r` is the root of the table `c`, and `n` the root's schema. */
const root = (of: string) => `
  join pg_class c on c.oid = ${of}
  join pg_class r on r.oid = coalesce(pg_partition_root(c.oid)::oid, c.oid)
  join pg_namespace n on n.oid = r.relnamespace`;

const id = (schema: string, name: string) => `json_build_array(${schema}, ${name})`;

/** Row: a `TargetTable`. */
export const targetTablesSql = `
  select n.nspname as schema, r.relname as name,
    coalesce((
      select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
        'notNull', a.attnotnull, 'hasDefault', a.atthasdef, 'identity', a.attidentity,
        'generated', a.attgenerated <> '') order by a.attnum)
      from pg_attribute a where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    ), '[]') as columns,
    coalesce((
      select json_agg(distinct a.attname)
      from pg_index i
      join pg_class c on c.oid = i.indrelid
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where (i.indisunique or i.indisexclusion) and coalesce(pg_partition_root(c.oid)::oid, c.oid) = r.oid
        and (a.attnum = any (i.indkey::int2[]) or exists (
          select from pg_depend d
          where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid and d.deptype in ('a', 'n')
            and d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and d.refobjsubid in (0, a.attnum)
        ))
    ), '[]') as "uniqueColumns"
  from pg_class r join pg_namespace n on n.oid = r.relnamespace
  where r.relkind in ('r', 'p') and not r.relispartition and r.relpersistence <> 't' and ${ofProject}`;

/** Row: a `ForeignKey`, whose `child` and `parent` are a schema and a name. */
export const foreignKeysSql = `
  select k.conname as name, o.nspname as schema, c.relname as "table",
    ${id("n.nspname", "r.relname")} as child, ${id("pn.nspname", "p.relname")} as parent,
    (
      select json_agg(a.attname) from pg_attribute a where a.attrelid = c.oid and a.attnum = any (k.conkey)
    ) as columns,
    k.confdeltype as "onDelete", k.condeferrable as deferrable,
    pg_get_constraintdef(k.oid) as definition, obj_description(k.oid, 'pg_constraint') as comment
  from pg_constraint k ${root("k.conrelid")}
  join pg_namespace o on o.oid = c.relnamespace
  join pg_class p on p.oid = coalesce(pg_partition_root(k.confrelid)::oid, k.confrelid)
  join pg_namespace pn on pn.oid = p.relnamespace
  where k.contype = 'f' and k.conparentid = 0
    -- From PostgreSQL 18 on there are some that nothing enforces.
    and coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
  order by 2, 3, 1`;

/** Row: an `Actor`, whose `of` is a schema and a name. */
export const actorsSql = `
  select 'trigger' as kind, t.tgname as name, o.nspname as schema, c.relname as "table",
    ${id("n.nspname", "r.relname")} as of, t.tgenabled as state, t.tgparentid <> 0 as "isCopy"
  from pg_trigger t ${root("t.tgrelid")}
  join pg_namespace o on o.oid = c.relnamespace
  left join pg_trigger whole on whole.oid = t.tgparentid
  where not t.tgisinternal and (t.tgparentid = 0 or t.tgenabled <> whole.tgenabled)
  union all
  select 'rule', w.rulename, o.nspname, c.relname, ${id("n.nspname", "r.relname")}, w.ev_enabled, false
  from pg_rewrite w ${root("w.ev_class")}
  join pg_namespace o on o.oid = c.relnamespace
  where c.relkind in ('r', 'p') and w.ev_type <> '1'
  order by 1, 3, 4, 2`;

/** Row: a `Sequence`, and whether the role may read it. */
export const sequencesSql = `
  select n.nspname as schema, r.relname as name, has_sequence_privilege(r.oid, 'SELECT') as readable,
    coalesce((
      select json_agg(distinct array[tn.nspname, t.relname])
      from (
        select d.refobjid as relation from pg_depend d
        where d.classid = 'pg_class'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
          and d.deptype in ('a', 'i')
        union
        select f.adrelid from pg_depend d join pg_attrdef f on f.oid = d.objid
        where d.classid = 'pg_attrdef'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = r.oid
      ) used
      join pg_class t on t.oid = coalesce(pg_partition_root(used.relation)::oid, used.relation)
      join pg_namespace tn on tn.oid = t.relnamespace
    ), '[]') as tables
  from pg_class r join pg_namespace n on n.oid = r.relnamespace
  where r.relkind = 'S' and r.relpersistence <> 't' and ${ofProject} and ${notOfExtension("r")}
  order by 1, 2`;

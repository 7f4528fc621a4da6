/**
 * Questions to Postgres' catalogue (14 and newer), all of which any role may ask, also of a standby. They
 * go out as one message: that is one snapshot outside of a transaction, too, and one trip.
 */

/** Tables of users: not of Postgres, of an extension, or of a session. */
const ordinary = (alias: string) => `${alias}.relpersistence <> 't'
    and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
    and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass
      and e.objid = ${alias}.oid and e.deptype = 'e')`;

/** Names of columns by their numbers, in order. */
const columnNames = (numbers: string, table: string) => `array(select a.attname::text
    from unnest(${numbers}) with ordinality u(number, position)
    join pg_attribute a on a.attrelid = ${table} and a.attnum = u.number order by u.position)`;

/** Type names come out with their schema when no schema is on the path. Sizes and expressions wait for tables' locks. */
const before = (lockMs: number) => `
  select set_config('ds.search_path', current_setting('search_path'), false),
    set_config('ds.lock_timeout', current_setting('lock_timeout'), false);
  select set_config('search_path', '', false), set_config('lock_timeout', '${lockMs}', false)`;

const tables = `
  select c.oid::text as oid, n.nspname as schema, c.relname as name, c.relkind = 'p' as partitioned,
    p.inhparent::text as parent, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
    row_security_active(c.oid) as active, has_table_privilege(c.oid, 'select') as readable,
    c.relispartition as partition, c.reltuples::float8 as rows, pg_table_size(c.oid)::float8 as bytes,
    exists (select from pg_inherits i join pg_class h on h.oid = i.inhrelid
      where i.inhparent = c.oid and not h.relispartition) as inherited
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  left join pg_inherits p on p.inhrelid = c.oid and c.relispartition
  where c.relkind in ('r', 'p') and ${ordinary("c")}
  order by n.nspname, c.relname`;

const columns = `
  select a.attrelid::text as oid, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
    a.attnotnull or exists (select from pg_type t where t.oid = a.atttypid and t.typnotnull) as "notNull", a.attgenerated <> '' as generated, a.attidentity as identity,
    a.atthasdef and a.attgenerated = '' as "hasDefault", col_description(a.attrelid, a.attnum) as comment
  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and ${ordinary("c")}
  order by a.attrelid, a.attnum`;

const keys = `
  select x.indrelid::text as oid, i.relname as name, x.indisprimary as primary,
    coalesce(to_jsonb(x) ->> 'indnullsnotdistinct', 'false') = 'true' as "nullsNotDistinct",
    x.indpred is not null or x.indexprs is not null or x.indisexclusion and not x.indisunique as partial,
    ${columnNames("(x.indkey::int2[])[0:x.indnkeyatts - 1]", "x.indrelid")} as columns,
    pg_get_expr(x.indexprs, x.indrelid) as expressions, pg_get_expr(x.indpred, x.indrelid) as predicate
  from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid
  join pg_namespace n on n.oid = c.relnamespace
  where (x.indisunique or x.indisexclusion) and x.indisvalid and c.relkind in ('r', 'p') and ${ordinary("c")}
  order by x.indrelid, not x.indisprimary, i.relname`;

/** Without the copies that partitions have of their parents' constraints. */
const foreignKeys = `
  select k.conrelid::text as oid, k.conname as name, k.confmatchtype = 'f' as "matchFull",
    k.convalidated as validated, coalesce(to_jsonb(k) ->> 'conperiod', 'false') = 'true' as period, rn.nspname as "parentSchema", r.relname as "parentName",
    ${columnNames("k.conkey", "k.conrelid")} as columns,
    ${columnNames("k.confkey", "k.confrelid")} as "referencedColumns"
  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
  join pg_class r on r.oid = k.confrelid join pg_namespace rn on rn.oid = r.relnamespace
  where k.contype = 'f' and k.conparentid = 0 and ${ordinary("c")}
  order by k.conrelid, k.conname`;

const triggers = `
  select t.tgrelid::text as oid, t.tgname as name, t.tgenabled as enabled
  from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
  where not t.tgisinternal and c.relkind in ('r', 'p') and ${ordinary("c")}
  order by t.tgrelid, t.tgname`;

const types = `
  select format_type(t.oid, null) as name, format_type(t.typbasetype, t.typtypmod) as base,
    t.typtype = 'd' as domain, case t.typtype when 'c' then 'composite' when 'r' then 'range' when 'm' then 'multirange' end as kind,
    array(select e.enumlabel::text from pg_enum e where e.enumtypid = t.oid order by e.enumsortorder) as labels
  from pg_type t join pg_namespace n on n.oid = t.typnamespace
  where (t.typtype in ('d', 'e', 'r', 'm') or t.typtype = 'c' and exists (select from pg_class c where c.oid = t.typrelid and c.relkind = 'c'))
    and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
  order by 1`;

/** A sequence may feed several tables: its owner's, and those whose defaults call it. */
const sequences = `
  select n.nspname as schema, c.relname as name, s.seqincrement::float8 as increment,
    coalesce((select json_agg(distinct jsonb_build_object('schema', tn.nspname, 'name', t.relname, 'column', a.attname))
      from (
        select d.refobjid as relation, d.refobjsubid as number from pg_depend d
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass
          and d.refobjsubid > 0 and d.deptype in ('a', 'i')
        union select f.adrelid, f.adnum from pg_depend d join pg_attrdef f on f.oid = d.objid
        where d.classid = 'pg_attrdef'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid
      ) u join pg_class t on t.oid = u.relation join pg_namespace tn on tn.oid = t.relnamespace
      join pg_attribute a on a.attrelid = u.relation and a.attnum = u.number), '[]') as "usedBy"
  from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
  where ${ordinary("c")}
  order by n.nspname, c.relname`;

/**
 * What a row has to be: by check constraints, those of the columns' domains (\`value\` stands for the column), and
 * by partitions, one of which has to take it.
 */
const checks = `
  with recursive domains as (
    select a.attrelid, a.attname, a.atttypid as type from pg_attribute a join pg_class c on c.oid = a.attrelid
    join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and ${ordinary("c")}
    union all select d.attrelid, d.attname, t.typbasetype from domains d join pg_type t on t.oid = d.type
    where t.typtype = 'd'
  )
  select k.conrelid::text as oid, k.conname as name, ${columnNames("k.conkey", "k.conrelid")} as columns,
    pg_get_expr(k.conbin, k.conrelid) as expression
  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
  where k.contype = 'c' and coalesce(to_jsonb(k) ->> 'conenforced', 'true') = 'true' and ${ordinary("c")}
  union all
  select d.attrelid::text, k.conname, array[d.attname::text], pg_get_expr(k.conbin, 0)
  from domains d join pg_constraint k on k.contypid = d.type and k.contype = 'c'
  union all
  select p.partrelid::text, 'the partitions of ' || c.relname, array(select distinct a.attname::text
      from pg_partition_tree(c.oid) t join pg_partitioned_table s on s.partrelid = t.relid
      join pg_attribute a on a.attrelid = c.oid and not a.attisdropped and a.attnum > 0
        and a.attname in (select b.attname from pg_attribute b where b.attrelid = t.relid
          and (b.attnum = any (s.partattrs::int2[]) or s.partexprs is not null and b.attnum > 0))),
    (select string_agg('(' || pg_get_partition_constraintdef(t.relid) || ')', ' or ')
      from pg_partition_tree(c.oid) t where t.isleaf)
  from pg_partitioned_table p join pg_class c on c.oid = p.partrelid join pg_namespace n on n.oid = c.relnamespace
  where not c.relispartition and ${ordinary("c")}
    and (select count(*) between 2 and 500 and bool_and(coalesce(s.partstrat <> 'h', true))
      from pg_partition_tree(c.oid) t left join pg_partitioned_table s on s.partrelid = t.relid)
    -- A default partition without others takes every row.
    and (select bool_and(pg_get_partition_constraintdef(t.relid) is not null)
      from pg_partition_tree(c.oid) t where t.isleaf)
  order by 1, 2`;

const after = `
  select set_config('search_path', current_setting('ds.search_path'), false),
    set_config('lock_timeout', current_setting('ds.lock_timeout'), false)`;

const questions = [tables, columns, keys, foreignKeys, triggers, types, sequences, checks];

/**
 * Their answers come in this order, between two of the preparation and one of the clearing up.
 *
 * @param lockMs of waiting for a table that somebody has locked
 */
export const catalogueQueries = (lockMs: number): string =>
  [before(lockMs), ...questions, after].join(";\n");

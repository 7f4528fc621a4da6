import { keyOf } from "./entries.ts";

// Which objects of the base depend on which: pg_depend, by the names that pg_dump has for them.

/** Row of `dependenciesSql`: two objects, each its kind, schema and name. A column's name is its table, a space, and its own. */
export interface DependencyRow {
  dependent: [type: string, schema: string | null, name: string];
  referenced: [type: string, schema: string | null, name: string];
}

const object = (type: string, schema: string, name: string) =>
  `json_build_array(${type}, ${schema}, ${name})`;

/** With `search_path = pg_catalog`, so that types have their schemas as in a dump. */
export const dependenciesSql = `
  with signature as (
    select p.oid, p.proname || '(' || coalesce((
        select string_agg(format_type(t, null), ', ' order by n) from unnest(p.proargtypes) with ordinality u (t, n)
      ), '') || ')' as name, n.nspname as schema,
      case p.prokind when 'p' then 'PROCEDURE' when 'a' then 'AGGREGATE' else 'FUNCTION' end as type
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  ), relation as (
    select c.oid, c.relname as name, n.nspname as schema, c.reltype, c.relkind,
      case c.relkind when 'v' then 'VIEW' when 'm' then 'MATERIALIZED VIEW' when 'S' then 'SEQUENCE' when 'c' then 'TYPE'
        when 'f' then 'FOREIGN TABLE' when 'i' then 'INDEX' when 'I' then 'INDEX' else 'TABLE' end as type
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  ), objects as (
    select 'pg_class'::regclass as class, r.oid, ${object("r.type", "r.schema", "r.name")} as object, null::oid as relation
    from relation r
    where not exists (select from pg_constraint k where k.conindid = r.oid and k.contype in ('p', 'u', 'x') and r.type = 'INDEX')
    union all
    -- The index of a constraint is the constraint's.
    select 'pg_class'::regclass, k.conindid, ${object("'CONSTRAINT'", "r.schema", "r.name || ' ' || k.conname")}, null
    from pg_constraint k join relation r on r.oid = k.conrelid where k.contype in ('p', 'u', 'x')
    union all
    select 'pg_proc'::regclass, oid, ${object("type", "schema", "name")}, null from signature
    union all
    select 'pg_type'::regclass, t.oid,
      case when r.oid is not null then ${object("r.type", "r.schema", "r.name")}
        else ${object("case b.typtype when 'd' then 'DOMAIN' else 'TYPE' end", "n.nspname", "b.typname")} end, null
    from pg_type t
    left join pg_type e on e.typarray = t.oid
    left join pg_range m on m.rngmultitypid = coalesce(e.oid, t.oid)
    join pg_type b on b.oid = coalesce(m.rngtypid, e.oid, t.oid)
    join pg_namespace n on n.oid = b.typnamespace
    left join relation r on r.oid = b.typrelid
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    union all
    select 'pg_constraint'::regclass, k.oid, case when d.oid is not null then ${object("'DOMAIN'", "dn.nspname", "d.typname")}
      else ${object("case k.contype when 'f' then 'FK CONSTRAINT' when 'c' then 'CHECK CONSTRAINT' else 'CONSTRAINT' end", "r.schema", "r.name || ' ' || k.conname")} end, null
    from pg_constraint k left join relation r on r.oid = k.conrelid
    left join pg_type d on d.oid = k.contypid left join pg_namespace dn on dn.oid = d.typnamespace
    where k.contype <> 'n' and (r.oid is not null or d.oid is not null)
    union all
    select 'pg_trigger'::regclass, t.oid, ${object("'TRIGGER'", "r.schema", "r.name || ' ' || t.tgname")}, null
    from pg_trigger t join relation r on r.oid = t.tgrelid where not t.tgisinternal
    union all
    select 'pg_policy'::regclass, p.oid, ${object("'POLICY'", "r.schema", "r.name || ' ' || p.polname")}, null
    from pg_policy p join relation r on r.oid = p.polrelid
    union all
    select 'pg_rewrite'::regclass, w.oid, case when w.rulename = '_RETURN' then ${object("r.type", "r.schema", "r.name")}
      else ${object("'RULE'", "r.schema", "r.name || ' ' || w.rulename")} end, null
    from pg_rewrite w join relation r on r.oid = w.ev_class
    union all
    select 'pg_attrdef'::regclass, f.oid,
      ${object("case a.attgenerated when '' then 'DEFAULT' else 'GENERATED' end", "r.schema", "r.name || ' ' || a.attname")}, null
    from pg_attrdef f join relation r on r.oid = f.adrelid
    join pg_attribute a on a.attrelid = f.adrelid and a.attnum = f.adnum
    union all
    select 'pg_statistic_ext'::regclass, s.oid, ${object("'STATISTICS'", "n.nspname", "s.stxname")}, null
    from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace
    union all
    select 'pg_publication_rel'::regclass, p.oid, ${object("'PUBLICATION TABLE'", "r.schema", "b.pubname || ' ' || r.name")}, null
    from pg_publication_rel p join relation r on r.oid = p.prrelid join pg_publication b on b.oid = p.prpubid
    union all
    select 'pg_collation'::regclass, c.oid, ${object("'COLLATION'", "n.nspname", "c.collname")}, null
    from pg_collation c join pg_namespace n on n.oid = c.collnamespace where n.nspname !~ '^pg_'
    union all
    select 'pg_namespace'::regclass, n.oid, ${object("'SCHEMA'", "null", "n.nspname")}, null from pg_namespace n
    union all
    select 'pg_extension'::regclass, e.oid, ${object("'EXTENSION'", "null", "e.extname")}, null from pg_extension e
    union all
    select 'pg_event_trigger'::regclass, e.oid, ${object("'EVENT TRIGGER'", "null", "e.evtname")}, null from pg_event_trigger e
  )
  select
    case when d.objsubid > 0 and x.kind in ('r', 'p', 'f') then ${object("'COLUMN'", "x.schema", "x.name || ' ' || x.col")} else a.object end as dependent,
    case when d.refobjsubid > 0 and y.kind in ('r', 'p', 'f') then ${object("'COLUMN'", "y.schema", "y.name || ' ' || y.col")} else b.object end as referenced
  from pg_depend d
  join objects a on a.class = d.classid and a.oid = d.objid
  join objects b on b.class = d.refclassid and b.oid = d.refobjid
  left join lateral (
    select r.schema, r.name, c.attname as col, r.relkind as kind from relation r join pg_attribute c on c.attrelid = r.oid
    where d.classid = 'pg_class'::regclass and r.oid = d.objid and c.attnum = d.objsubid
  ) x on true
  left join lateral (
    select r.schema, r.name, c.attname as col, r.relkind as kind from relation r join pg_attribute c on c.attrelid = r.oid
    where d.refclassid = 'pg_class'::regclass and r.oid = d.refobjid and c.attnum = d.refobjsubid
  ) y on true
  where d.deptype <> 'p'`;

/** What depends directly on what, by the keys of entries; columns and generated ones have keys of their own. */
export function dependentsOf(rows: readonly DependencyRow[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { dependent, referenced } of rows) {
    const [one, other] = [dependent, referenced].map(([type, schema, name]) =>
      keyOf(type, schema ?? undefined, name),
    ) as [string, string];
    if (one === other) continue;
    const known = found.get(other);
    if (known) known.add(one);
    else found.set(other, new Set([one]));
  }
  return found;
}

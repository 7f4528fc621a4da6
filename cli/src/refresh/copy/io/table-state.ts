import { deepStrictEqual } from "node:assert";
import type { Client } from "pg";
import type { TableName } from "../../model/catalogue.ts";
import type { ForeignKeyState, IndexState, LoadState, TableState } from "../load-sql.ts";

/** The tables, and everything below them that has rows of theirs. */
const relations = `with recursive wanted as (
    select c.oid from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join unnest($1::text[], $2::text[]) as t(schema, name) on t.schema = n.nspname and t.name = c.relname
    union
    select i.inhrelid from pg_catalog.pg_inherits i join wanted on wanted.oid = i.inhparent
  ), relation as (
    select c.oid, n.nspname as schema, c.relname as name, c.relkind, c.relispartition
    from wanted join pg_catalog.pg_class c on c.oid = wanted.oid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p')
  )`;

/** Indexes of constraints stay: loading into them costs little, and others may depend on them. */
const indexes = `${relations}
  select r.schema, r.name as table, c.relname as name, pg_catalog.pg_get_indexdef(i.indexrelid) as definition,
    pg_catalog.obj_description(i.indexrelid, 'pg_class') as comment,
    i.indisvalid as valid, i.indisclustered as clustered, i.indisreplident as "replicaIdentity",
    r.relkind = 'r' and not r.relispartition and i.indisvalid and not i.indisclustered
      and not i.indisreplident and c.reltablespace = 0
      and not exists (select from pg_catalog.pg_attribute a
        where a.attrelid = i.indexrelid and a.attstattarget >= 0)
      and not exists (select from pg_catalog.pg_constraint k
        where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
      as droppable
  from relation r
  join pg_catalog.pg_index i on i.indrelid = r.oid
  join pg_catalog.pg_class c on c.oid = i.indexrelid
  order by pg_catalog.pg_relation_size(r.oid) desc, r.schema, r.name, c.relname`;

/** Those from and to the tables, as somebody declared them; what partitions got of them comes with them. */
const foreignKeys = `${relations}
  select n.nspname as schema, c.relname as table, k.conname as name,
    pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(k.oid), ' NOT VALID$', '') as definition,
    k.convalidated as validated, c.relkind = 'p' as partitioned,
    pg_catalog.obj_description(k.oid, 'pg_constraint') as comment
  from pg_catalog.pg_constraint k
  join pg_catalog.pg_class c on c.oid = k.conrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where k.contype = 'f' and k.conparentid = 0
    and (k.conrelid in (select oid from relation) or k.confrelid in (select oid from relation))
  order by pg_catalog.pg_relation_size(c.oid) desc, 1, 2, 3`;

const tables = `${relations}
  select r.schema, r.name, r.relkind = 'p' as partitioned, r.relispartition as partition,
    c.relrowsecurity as "rowSecurity", c.relforcerowsecurity as "forcedRowSecurity",
    c.relreplident as "replicaIdentity",
    coalesce((select json_agg(json_build_object('name', t.tgname, 'enabled', t.tgenabled) order by t.tgname)
      from pg_catalog.pg_trigger t where t.tgrelid = r.oid and not t.tgisinternal), '[]') as triggers,
    coalesce((select json_agg(a.attname order by k.position)
      from pg_catalog.pg_index i
      cross join unnest(i.indkey::int2[]) with ordinality as k(number, position)
      join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
      where i.indrelid = r.oid and i.indisprimary), '[]') as "primaryKey",
    (select json_object_agg(a.attname, json_build_object(
        'type', pg_catalog.format_type(a.atttypid, -1), 'notNull', a.attnotnull))
      from pg_catalog.pg_attribute a
      where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped) as columns,
    coalesce((select json_agg(json_build_object('name', k.conname, 'type', k.contype,
        'definition', pg_catalog.pg_get_constraintdef(k.oid), 'validated', k.convalidated,
        'comment', pg_catalog.obj_description(k.oid, 'pg_constraint')) order by k.conname)
      from pg_catalog.pg_constraint k where k.conrelid = r.oid and k.contype <> 'f'), '[]') as constraints,
    coalesce((select json_agg(pg_catalog.pg_get_statisticsobjdef(s.oid) order by s.stxname)
      from pg_catalog.pg_statistic_ext s where s.stxrelid = r.oid), '[]') as statistics
  from relation r join pg_catalog.pg_class c on c.oid = r.oid
  order by r.relispartition, r.schema, r.name`;

export async function readLoadState(client: Client, of: readonly TableName[]): Promise<LoadState> {
  const names = [of.map(({ schema }) => schema), of.map(({ name }) => name)];
  return {
    tables: (await client.query<TableState>(tables, names)).rows,
    indexes: (await client.query<IndexState>(indexes, names)).rows,
    foreignKeys: (await client.query<ForeignKeyState>(foreignKeys, names)).rows,
  };
}

/** What is not as it was, by name. */
export function differences(before: LoadState, after: LoadState): string[] {
  const found: string[] = [];
  const compare = <T extends { schema: string; name: string }>(
    kind: string,
    old: readonly T[],
    now: readonly T[],
    nameOf: (item: T) => string,
  ) => {
    const byName = new Map(now.map((item) => [nameOf(item), item]));
    for (const item of old) {
      const name = nameOf(item);
      const other = byName.get(name);
      byName.delete(name);
      if (other === undefined) found.push(`${kind} ${name} is missing`);
      else if (!same(item, other)) found.push(`${kind} ${name} is not as it was`);
    }
    for (const name of byName.keys()) found.push(`${kind} ${name} was not there before`);
  };
  compare("table", before.tables, after.tables, (t) => `${t.schema}.${t.name}`);
  const indexName = (i: IndexState) => `${i.schema}.${i.name}`;
  compare("index", before.indexes.map(plain), after.indexes.map(plain), indexName);
  const constraintName = (k: ForeignKeyState) => `${k.name} of ${k.schema}.${k.table}`;
  compare("constraint", before.foreignKeys, after.foreignKeys, constraintName);
  return found;
}

/**
 * Postgres writes a condition with more casts and brackets once it has read its own text again:
 * `ARRAY['a'::varchar]::text[]` comes back as `ARRAY[('a'::varchar)::text]`.
 */
function plain(index: IndexState): IndexState {
  const text = (definition: string) =>
    definition
      .replace(/::(character varying|"?[\w.]+"?)(\(\d+\))?(\[\])?/g, "")
      .replace(/[()\s]/g, "");
  return { ...index, definition: text(index.definition) };
}

function same(a: unknown, b: unknown): boolean {
  try {
    deepStrictEqual(a, b);
    return true;
  } catch {
    return false;
  }
}

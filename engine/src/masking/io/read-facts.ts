import type pg from "pg";
import type { DatabaseFacts } from "../table-facts.ts";

/** Of the database that the client is connected to, as the superuser. Reads catalogues alone, and so runs no code of an owner. */
export async function readFacts(client: pg.Client): Promise<DatabaseFacts> {
  const { rows } = await client.query<{ facts: DatabaseFacts }>(factsSql);
  return (rows[0] as { facts: DatabaseFacts }).facts;
}

const columnNames = (relation: string, numbers: string) =>
  `(select json_agg(a.attname order by u.at) from unnest(${numbers}) with ordinality u(attnum, at)
     join pg_attribute a on a.attrelid = ${relation} and a.attnum = u.attnum)`;

/** An update fires it in any case; rules and triggers that are of the system's own making are not meant. */
const alwaysFiring = `(
  select coalesce(json_agg(f.name), '[]') from (
    select 'the trigger ' || tgname as name from pg_trigger
    where tgrelid in (select relid from pg_partition_tree(c.oid) union select c.oid)
      and not tgisinternal and tgenabled in ('A', 'R') and tgtype & 16 <> 0
    union select 'the rule ' || rulename from pg_rewrite
    where ev_class = c.oid and ev_type = '2' and ev_enabled in ('A', 'R')
  ) f)`;

const columns = `(
  select coalesce(json_agg(json_build_object(
    'name', a.attname,
    'type', format_type(a.atttypid, a.atttypmod),
    'isBuiltIn', coalesce(b.typnamespace, y.typnamespace) = 'pg_catalog'::regnamespace,
    'notNull', a.attnotnull or y.typnotnull,
    'generated', a.attgenerated <> '',
    'alwaysIdentity', a.attidentity = 'a') order by a.attnum), '[]')
  from pg_attribute a join pg_type y on y.oid = a.atttypid left join pg_type b on b.oid = y.typbasetype
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)`;

const factsSql = `
  select json_build_object(
    'owner', pg_get_userbyid(d.datdba),
    'ownerIsSuperuser', (select rolsuper from pg_roles where oid = d.datdba),
    'preparedTransactions', (select count(*) from pg_prepared_xacts),
    'tables', (
      select coalesce(json_agg(json_build_object(
        'oid', c.oid::bigint, 'schema', n.nspname, 'name', c.relname, 'kind', c.relkind,
        'owner', pg_get_userbyid(c.relowner),
        'ownerIsSuperuser', (select rolsuper from pg_roles where oid = c.relowner),
        'columns', ${columns},
        'alwaysFiring', ${alwaysFiring},
        'deferrableColumns', (
          select coalesce(json_agg(a.attname), '[]') from pg_constraint k
          join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
          where k.conrelid = c.oid and k.contype in ('p', 'u', 'x') and k.condeferrable),
        'hasHeirs', c.relkind <> 'p' and exists (select from pg_inherits where inhparent = c.oid))), '[]')
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'),
    'foreignKeys', (
      select coalesce(json_agg(json_build_object(
        'name', k.conname, 'inherited', k.conparentid <> 0,
        'schema', n.nspname, 'table', c.relname, 'columns', ${columnNames("k.conrelid", "k.conkey")},
        'targetSchema', tn.nspname, 'targetTable', t.relname,
        'targetColumns', ${columnNames("k.confrelid", "k.confkey")})), '[]')
      from pg_constraint k
      join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
      join pg_class t on t.oid = k.confrelid join pg_namespace tn on tn.oid = t.relnamespace
      where k.contype = 'f')
  ) as facts
  from pg_database d where d.datname = current_database()`;

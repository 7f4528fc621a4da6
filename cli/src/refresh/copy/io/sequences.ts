import type { Client } from "pg";
import { quoteIdentifier, quoteLiteral } from "../../../postgres/quote.ts";
import type { TableName } from "../../model/catalogue.ts";
import { sqlName } from "../../model/names.ts";

interface Sequence extends TableName {
  start: string;
  least: string;
  most: string;
  increment: string;
  users: (TableName & { column: string })[];
}

/** Sequences that give columns of whole numbers their values: owned, of an identity, or in a default. */
const used = `with wanted as (
    select c.oid from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join unnest($1::text[], $2::text[]) as t(schema, name) on t.schema = n.nspname and t.name = c.relname
  ), use as (
    select d.objid as sequence, d.refobjid as relation, d.refobjsubid as number
    from pg_catalog.pg_depend d
    where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
      and d.deptype in ('a', 'i') and d.refobjsubid > 0
    union
    select d.refobjid, e.adrelid, e.adnum
    from pg_catalog.pg_depend d join pg_catalog.pg_attrdef e on e.oid = d.objid
    where d.classid = 'pg_attrdef'::regclass and d.refclassid = 'pg_class'::regclass
  )
  select n.nspname as schema, c.relname as name, s.seqstart::text as start,
    s.seqmin::text as least, s.seqmax::text as most, s.seqincrement::text as increment,
    json_agg(json_build_object('schema', tn.nspname, 'name', t.relname, 'column', a.attname)) as users
  from pg_catalog.pg_sequence s
  join pg_catalog.pg_class c on c.oid = s.seqrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join use on use.sequence = s.seqrelid
  join pg_catalog.pg_class t on t.oid = use.relation
  join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum = use.number
    and a.atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype)
  where exists (select from use u join wanted w on w.oid = u.relation where u.sequence = s.seqrelid)
  group by 1, 2, 3, 4, 5, 6 order by 1, 2`;

/**
 * Puts each sequence behind the last value in use, in its own direction, over all the columns that share
 * it: the next INSERT works in each of them.
 */
export async function setSequences(
  client: Client,
  tables: readonly TableName[],
): Promise<string[]> {
  const names = [tables.map(({ schema }) => schema), tables.map(({ name }) => name)];
  const { rows } = await client.query<Sequence>(used, names);
  for (const sequence of rows) await client.query(setSql(sequence));
  return rows.map(({ name }) => name);
}

function setSql(sequence: Sequence): string {
  const extreme = sequence.increment.startsWith("-") ? "min" : "max";
  const each = sequence.users.map(
    (user) =>
      `select ${extreme}(${quoteIdentifier(user.column)})::int8 as value from ${sqlName(user)}`,
  );
  const name = quoteLiteral(sqlName(sequence));
  return `select pg_catalog.setval(${name}::regclass, coalesce(value, ${sequence.start}), value is not null)
    from (
      select case when value between ${sequence.least} and ${sequence.most} then value end as value
      from (select ${extreme}(value) as value from (${each.join(" union all ")}) as used) as found
    ) as last`;
}

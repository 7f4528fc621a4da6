import type { Client } from "pg";
import type { ConstraintKind } from "../actions/action.ts";
import type { SchemaFacts, TableModel } from "../model/schema-model.ts";

interface SchemaRow {
  path: string[];
  tables: {
    name: string;
    columns: {
      name: string;
      type: string;
      quoted: string;
      modifiers: string | null;
      array: boolean;
      notNull: boolean;
      hasDefault: boolean;
      identity: boolean;
      generated: boolean;
    }[];
    constraints: {
      name: string;
      kind: string;
      columns: string[];
      valid: boolean;
      expression: string | null;
      references: string | null;
    }[];
    indexes: { name: string; unique: boolean; columns: (string | null)[]; partial: boolean }[];
  }[];
  enums: { name: string; values: string[] }[];
}

const kinds: Readonly<Record<string, ConstraintKind>> = {
  c: "check",
  f: "foreign-key",
  p: "primary-key",
  u: "unique",
  x: "exclusion",
  n: "not-null",
};

/** The tables of a database as rules know them, by one query. Takes no lock that anybody waits for. */
export async function readSchemaFacts(client: Client): Promise<SchemaFacts> {
  const { rows } = await client.query<SchemaRow>(query);
  const [row] = rows;
  if (row === undefined) return { searchPath: ["public"], tables: [], enums: new Map() };
  return {
    searchPath: row.path.length === 0 ? ["public"] : row.path,
    tables: row.tables.map(tableModel),
    enums: new Map(row.enums.map(({ name, values }) => [name, values])),
  };
}

function tableModel({
  columns,
  constraints,
  indexes,
  name,
}: SchemaRow["tables"][number]): TableModel {
  return {
    name,
    isNew: false,
    rowsChange: false,
    columns: new Map(
      columns.map(
        ({
          array,
          generated,
          hasDefault,
          identity,
          modifiers,
          name: own,
          notNull,
          quoted,
          type,
        }) => [
          own,
          {
            name: own,
            type: { name: type, quoted, modifiers: numbersIn(modifiers), array },
            notNull,
            hasDefault,
            identity,
            generated,
            isNew: false,
          },
        ],
      ),
    ),
    constraints: constraints.map(
      ({ columns: on, expression, kind, name: own, references, valid }) => ({
        name: own,
        kind: kinds[kind] ?? "check",
        columns: on,
        isValid: valid,
        expression: expression ?? undefined,
        references: references ?? undefined,
      }),
    ),
    indexes: indexes.map(({ columns: on, name: own, partial, unique }) => ({
      name: own,
      unique,
      partial,
      columns: on.map((column) => column ?? undefined),
    })),
  };
}

/** Of `character varying(20)` and `numeric(10,2)` what is in the parentheses. */
const numbersIn = (modifiers: string | null): number[] =>
  (modifiers ?? "")
    .split(",")
    .flatMap((part) => (/^-?\d+$/.test(part.trim()) ? [Number(part)] : []));

const quoted = (schema: string, name: string) =>
  `'"' || replace(${schema}, '"', '""') || '"."' || replace(${name}, '"', '""') || '"'`;

const columnNames = (table: string, numbers: string) =>
  `(select coalesce(json_agg(a.attname order by k.at), '[]') from unnest(${numbers}) with ordinality k(number, at)
     left join pg_catalog.pg_attribute a on a.attrelid = ${table} and a.attnum = k.number and k.number > 0)`;

const query = `
  with tables as materialized (
    select c.oid, ${quoted("n.nspname", "c.relname")} as name
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'f') and n.nspname not in ('pg_catalog', 'information_schema')
      and n.nspname !~ '^pg_(toast|temp)'
  ), columns as (
    select a.attrelid, json_agg(json_build_object('name', a.attname,
        'type', e.typname, 'quoted', ${quoted("en.nspname", "e.typname")},
        'modifiers', substring(pg_catalog.format_type(a.atttypid, a.atttypmod) from '\\(([^)]*)\\)'),
        'array', t.typcategory = 'A' and t.typelem <> 0, 'notNull', a.attnotnull,
        'hasDefault', a.atthasdef and a.attgenerated = '', 'identity', a.attidentity <> '',
        'generated', a.attgenerated <> '') order by a.attnum) as list
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_type t on t.oid = a.atttypid
    join pg_catalog.pg_type e on e.oid = case when t.typcategory = 'A' and t.typelem <> 0 then t.typelem else t.oid end
    join pg_catalog.pg_namespace en on en.oid = e.typnamespace
    where a.attnum > 0 and not a.attisdropped and a.attrelid in (select oid from tables)
    group by a.attrelid
  ), constraints as (
    select c.conrelid, json_agg(json_build_object('name', c.conname, 'kind', c.contype,
        'columns', ${columnNames("c.conrelid", "c.conkey")}, 'valid', c.convalidated,
        'expression', case when c.contype = 'c' then pg_catalog.pg_get_expr(c.conbin, c.conrelid) end,
        'references', r.name) order by c.conname) as list
    from pg_catalog.pg_constraint c left join tables r on r.oid = c.confrelid
    where c.contype in ('c', 'f', 'p', 'u', 'x', 'n') and c.conrelid in (select oid from tables)
    group by c.conrelid
  ), indexes as (
    select i.indrelid, json_agg(json_build_object('name', c.relname, 'unique', i.indisunique and i.indisvalid,
        'columns', ${columnNames("i.indrelid", "(i.indkey::int2[])[0:i.indnkeyatts - 1]")},
        'partial', i.indpred is not null) order by c.relname) as list
    from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
    where i.indrelid in (select oid from tables)
    group by i.indrelid
  )
  select
    (select coalesce(json_agg(s), '[]') from unnest(pg_catalog.current_schemas(false)) s) as path,
    (select coalesce(json_agg(json_build_object('name', t.name, 'columns', coalesce(a.list, '[]'),
        'constraints', coalesce(c.list, '[]'), 'indexes', coalesce(i.list, '[]'))), '[]')
       from tables t left join columns a on a.attrelid = t.oid left join constraints c on c.conrelid = t.oid
       left join indexes i on i.indrelid = t.oid) as tables,
    (select coalesce(json_agg(json_build_object('name', ${quoted("n.nspname", "t.typname")},
        'values', (select json_agg(e.enumlabel order by e.enumsortorder) from pg_catalog.pg_enum e
                   where e.enumtypid = t.oid))), '[]')
       from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
       where t.typtype = 'e') as enums`;

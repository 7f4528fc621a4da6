import { ownSchema } from "../../postgres/own-schema.ts";
import { quoteLiteral, quoteQualified } from "../../postgres/quote.ts";

const firstOfUsers = 16_384;

/** Catalogues with what a migration can change, and the column with the oid of a row's table or of the object itself. */
const catalogues: [table: string, relation: string | undefined][] = [
  ["pg_attribute", "attrelid"],
  ["pg_constraint", "conrelid"],
  ["pg_attrdef", "adrelid"],
  ["pg_index", "indrelid"],
  ["pg_trigger", "tgrelid"],
  ["pg_rewrite", "ev_class"],
  ["pg_policy", "polrelid"],
  ["pg_proc", undefined],
  ["pg_enum", undefined],
];

/**
 * One text that is another one after any change of the schema: of each row of the catalogues the transaction
 * that wrote it, which a copy of the database has, too. What sessions have for themselves does not count.
 */
export const schemaStateSql = `select md5(coalesce(string_agg(s.line, ',' order by s.line), '')) as state from (
  ${catalogues
    .map(([table, relation]) => {
      const oid = relation ?? "oid";
      const isOthers =
        relation === undefined
          ? ""
          : ` and not exists (select from pg_class r join pg_namespace n on n.oid = r.relnamespace
              where r.oid = c.${relation} and (n.nspname ~ '^pg_(toast_)?temp_' or n.nspname = ${quoteLiteral(ownSchema)}))`;
      return `select '${table}' || c.${oid} || ' ' || c.xmin as line from pg_catalog.${table} c where c.${oid} >= ${firstOfUsers}${isOthers}`;
    })
    .join("\n  union all ")}) s`;

/** @param tables a schema with `.*`, a table with its schema, or the beginning of its name with `*` */
export function recordTablesSql(tables: readonly string[]): string {
  const patterns = tables.map((name) =>
    quoteLiteral(name.replaceAll("_", "\\_").replace("*", "%")),
  );
  return `select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname || '.' || c.relname like any (array[${patterns.join(", ")}]::text[])
    order by 1, 2`;
}

export const rowsStateSql = (schema: string, name: string): string =>
  `select md5(coalesce(string_agg(t::text, ',' order by t::text), '')) as state from ${quoteQualified(schema, name)} t`;

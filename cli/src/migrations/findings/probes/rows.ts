import { quoteIdentifier, quoteLiteral } from "../../../postgres/quote.ts";
import type { SchemaModel, TableModel } from "../model/schema-model.ts";
import type { Probe } from "./probe.ts";

/** How many examples a finding names. */
const examplesKept = 3;

interface RowsProbe extends Omit<Probe, "sql" | "tables"> {
  schema: SchemaModel;
  table: string;
  /** Undefined: every row. */
  condition?: string;
  /** Of other tables that the condition looks at. */
  others?: readonly string[];
}

/** Counts the rows of a table that fulfil a condition. They are named by their key, never by their values. */
export function rowsProbe({
  condition,
  found,
  ifFound,
  ifNone,
  others = [],
  schema,
  table,
}: RowsProbe): Probe {
  const where = condition === undefined ? "" : ` where ${condition}`;
  return {
    sql: `select count(*)::float8 as found,
  coalesce(array_agg("ds key") filter (where "ds number" <= ${examplesKept}), '{}') as examples
from (select ${keyOf(schema.table(table))} as "ds key", row_number() over () as "ds number"
      from ${table} as ds${where}) as bad`,
    tables: [table, ...others],
    found,
    ifFound,
    ifNone,
  };
}

/** `id=4711`, or where there is no primary key the place in the file. */
function keyOf(table: TableModel | undefined): string {
  const key = table?.constraints.find(({ kind }) => kind === "primary-key")?.columns ?? [];
  const parts = key.map(
    (column) => `${quoteLiteral(`${column}=`)} || ds.${quoteIdentifier(column)}::text`,
  );
  return parts.length === 0 ? "'ctid=' || ds.ctid::text" : parts.join(` || ', ' || `);
}

import type { Client } from "pg";
import type { Catalogue } from "../../src/refresh/model/catalogue.ts";
import { type FillOptions, keysOf, type Made, type MadeRow } from "./fill.ts";

/** A production that was filled, and what a copy takes of its tables. */
export interface Production {
  catalogue: Catalogue;
  options: FillOptions;
  made: Made;
  tables: { reference: string[]; skip: string[] };
}

/**
 * The rows that one tenant's copy has to consist of: its own, what they refer to, and whole tables of
 * reference data.
 */
export function expectedRows(
  { catalogue, options, made, tables }: Production,
  tenant: number,
): Map<string, Set<MadeRow>> {
  const found = new Map([...made.keys()].map((name) => [name, new Set<MadeRow>()]));
  const byName = new Map(catalogue.tables.map((table) => [table.name, table]));
  const open: [string, MadeRow][] = [];
  const take = (name: string, row: MadeRow) => {
    const rows = found.get(name);
    if (!rows || rows.has(row) || tables.skip.includes(name)) return;
    rows.add(row);
    open.push([name, row]);
  };
  for (const [name, rows] of made) {
    const whole = tables.reference.includes(name);
    for (const row of rows) if (whole || row.tenant === tenant) take(name, row);
  }
  for (let next = open.pop(); next; next = open.pop()) {
    const [name, { values }] = next;
    const table = byName.get(name);
    for (const key of table ? keysOf(table, options) : []) {
      if (key.columns.some((column) => values[column] === null || values[column] === undefined))
        continue;
      const parent = (made.get(key.parent) ?? []).find((row) =>
        key.columns.every(
          (column, n) =>
            String(row.values[key.referencedColumns[n] ?? ""]) === String(values[column]),
        ),
      );
      if (parent) take(key.parent, parent);
    }
  }
  return found;
}

/** Per table: how many rows there are, and their primary keys where they can be compared as text. */
export function summary(
  catalogue: Catalogue,
  rows: Map<string, Set<MadeRow>>,
): Record<string, string> {
  return Object.fromEntries(
    [...rows].map(([name, set]) => {
      const columns = comparableKey(catalogue, name);
      const keys = [...set].map(({ values }) =>
        columns.map((column) => String(values[column])).join("/"),
      );
      return [name, `${set.size}: ${keys.sort().join(" ")}`];
    }),
  );
}

export async function summaryOf(
  client: Client,
  catalogue: Catalogue,
): Promise<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const { schema, name, kind } of catalogue.tables) {
    if (kind === "partition") continue;
    const columns = comparableKey(catalogue, name);
    const key = columns.map((column) => `"${column}"::text`).join(` || '/' || `) || "''";
    const { rows } = await client.query<{ key: string }>(
      `select ${key} as key from "${schema}"."${name}"`,
    );
    result[name] = `${rows.length}: ${rows
      .map((row) => row.key)
      .sort()
      .join(" ")}`;
  }
  return result;
}

function comparableKey(catalogue: Catalogue, name: string): string[] {
  const table = catalogue.tables.find((each) => each.name === name);
  const columns = table?.keys.find(({ primary }) => primary)?.columns ?? [];
  const types = columns.map(
    (column) => table?.columns.find((each) => each.name === column)?.type ?? "",
  );
  return types.every((type) => /^(bigint|integer|smallint|uuid|text|character varying)/.test(type))
    ? columns
    : [];
}

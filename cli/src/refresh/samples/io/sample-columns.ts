import type { Client } from "pg";
import { codeOf } from "../../../errors/code-of.ts";
import { looksLikePii } from "../../masks/sensitive.ts";
import type { CatalogueTable } from "../../model/catalogue.ts";
import { columnType } from "../../model/column-type.ts";
import { shownColumn, shownName } from "../../model/names.ts";
import { type ColumnSample, type Observed, unsampled } from "../../model/observed.ts";
import type { Schema } from "../../rules/links.ts";
import type { Classified } from "../../rules/ownership.ts";
import { commonSql, fewValues, jsonSql, shapesSql, type TextColumn } from "../sample-sql.ts";
import { tenantExpression } from "../tenant-expression.ts";

type Asks = Pick<Client, "query">;

/** At least so many rows for each value, or nobody could say that it is a word of the program's. */
const rowsForEach = 5;

export interface Sampled {
  observed: Observed;
  /** Tables that could not be looked at. */
  unseen: string[];
}

/**
 * Looks at a few hundred rows of each table, in a transaction. What comes here are counts, and names of JSON
 * keys that many rows have; no value of a row does.
 */
export async function sampleColumns(
  client: Asks,
  schema: Schema,
  tables: readonly Classified[],
): Promise<Sampled> {
  const sampled: Sampled = { observed: {}, unseen: [] };
  for (const classified of tables) {
    const { table } = classified;
    const isSeen = table.readable && !table.rowSecurity.active;
    const samples = isSeen
      ? await attempt(client, () => sampleTable(client, schema, classified))
      : "the role does not see all of it";
    if (typeof samples === "string") sampled.unseen.push(`${shownName(table)} (${samples})`);
    else Object.assign(sampled.observed, named(table, samples));
  }
  return sampled;
}

/** Only what texts look like. */
export async function sampleTexts(
  client: Asks,
  schema: Schema,
  tables: readonly CatalogueTable[],
): Promise<Observed> {
  const observed: Observed = {};
  for (const table of tables.filter(({ readable }) => readable)) {
    Object.assign(observed, named(table, await textsOf(client, schema, table)));
  }
  return observed;
}

type Samples = Map<string, ColumnSample>;

const named = (table: CatalogueTable, samples: Samples): Observed =>
  Object.fromEntries([...samples].map(([name, sample]) => [shownColumn(table, name), sample]));

async function sampleTable(client: Asks, schema: Schema, classified: Classified): Promise<Samples> {
  const { table } = classified;
  const samples = await textsOf(client, schema, table);
  await findCommon(client, schema, classified, samples);
  for (const { name, array } of columnsOf(table, schema, "json")) {
    if (array) continue;
    const { rows } = await client.query<{ numbers: string[]; free: boolean }>(jsonSql(table, name));
    const { numbers = [], free = false } = rows[0] ?? {};
    samples.set(name, { ...unsampled, json: { numbers: numbers.filter(isPersonalNumber), free } });
  }
  return samples;
}

async function textsOf(client: Asks, schema: Schema, table: CatalogueTable): Promise<Samples> {
  const texts = columnsOf(table, schema, "text");
  const samples: Samples = new Map();
  if (texts.length === 0) return samples;
  const { rows } = await client.query<ColumnSample & { n: number }>(shapesSql(table, texts));
  for (const { n, filled, distinct, longest, shapes } of rows) {
    const shares = Object.entries(shapes).filter(([, count]) => count > 0);
    samples.set(texts[n]?.name ?? "", {
      ...unsampled,
      ...{ filled, distinct, longest },
      shapes: Object.fromEntries(shares.map(([shape, count]) => [shape, count / filled])),
    });
  }
  return samples;
}

/** Whether a column has few values in many rows, each of them with several tenants. */
async function findCommon(
  client: Asks,
  schema: Schema,
  classified: Classified,
  samples: Samples,
): Promise<void> {
  const isFew = ({ filled, distinct }: { filled: number; distinct: number }) =>
    distinct <= fewValues && filled >= distinct * rowsForEach;
  const few = columnsOf(classified.table, schema, "text").filter(({ name }) => {
    const sample = samples.get(name);
    return sample !== undefined && isFew(sample);
  });
  const tenant = tenantExpression(classified, schema.catalogue);
  if (few.length === 0 || tenant === undefined) return;
  const { rows } = await client.query(commonSql(classified.table, few, tenant));
  for (const { n, filled, distinct, tenants, words } of rows) {
    const sample = samples.get(few[n]?.name ?? "");
    if (sample) sample.common = words === true && tenants > 1 && isFew({ filled, distinct });
  }
}

const numeric = { family: "integer", array: false, base: "bigint" } as const;

/** A number in JSON, by the last name of its path. */
const isPersonalNumber = (path: string): boolean =>
  looksLikePii((path.split(".").at(-1) ?? "").replaceAll("[]", ""), {
    ...numeric,
    ...{ length: undefined, precision: undefined },
  });

const columnsOf = (
  table: CatalogueTable,
  { catalogue }: Schema,
  of: "text" | "json",
): TextColumn[] =>
  table.columns.flatMap(({ name, type }) => {
    const { family, array } = columnType(type, catalogue);
    return family === of ? [{ name, array }] : [];
  });

/** An error of the server's does not end the transaction: its SQLSTATE, as its sentence may have a value in it. */
export async function attempt<T>(client: Asks, work: () => Promise<T>): Promise<T | string> {
  await client.query("savepoint ds_sample");
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error) ?? "";
    if (!/^[0-9A-Z]{5}$/.test(code)) throw error;
    await client.query("rollback to savepoint ds_sample");
    return `SQLSTATE ${code}`;
  } finally {
    await client.query("release savepoint ds_sample").catch(() => {});
  }
}

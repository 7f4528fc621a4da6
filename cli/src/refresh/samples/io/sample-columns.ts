import { isWordless, looksLikePii } from "../../masks/sensitive.ts";
import type { CatalogueColumn, CatalogueTable } from "../../model/catalogue.ts";
import { columnType } from "../../model/column-type.ts";
import { shownColumn, shownName } from "../../model/names.ts";
import {
  type ColumnSample,
  type Observed,
  type Shape,
  type Shapes,
  unsampled,
} from "../../model/observed.ts";
import type { Schema } from "../../rules/links.ts";
import { type Classified, fromSql } from "../../rules/ownership.ts";
import { jsonSql } from "../json-sql.ts";
import { commonSql, fewValues, shapesSql, type WordColumn } from "../sample-sql.ts";
import { tenantExpression } from "../tenant-expression.ts";
import { type Unseen, whyUnseen } from "../unseen.ts";
import { type Asks, attempt, inTransaction } from "./attempt.ts";

/** At least so many rows for each value, or nobody could say that it is a word of the program's. */
const rowsForEach = 5;

export interface Sampled {
  observed: Observed;
  /** Tables and columns that could not be looked at. */
  unseen: Unseen[];
}

interface Look {
  client: Asks;
  schema: Schema;
  sampled: Sampled;
}

type Wanted = (table: CatalogueTable, column: CatalogueColumn) => boolean;

/**
 * Looks at a few hundred rows of each table, in a transaction. What comes here are counts, and names of JSON
 * keys that many rows have; no value of a row does.
 *
 * @param wanted which columns; default: all that can hold words
 */
export async function sampleColumns(
  client: Asks,
  schema: Schema,
  tables: readonly Classified[],
  wanted: Wanted = () => true,
): Promise<Sampled> {
  const sampled: Sampled = { observed: {}, unseen: [] };
  await inTransaction(client, () => sampleAll({ client, schema, sampled }, tables, wanted));
  return sampled;
}

async function sampleAll(look: Look, tables: readonly Classified[], wanted: Wanted): Promise<void> {
  const { schema, sampled } = look;
  for (const classified of tables) {
    const { table } = classified;
    const columns = table.columns.filter((column) => wanted(table, column));
    const words = wordsOf(columns, schema, false);
    const json = wordsOf(columns, schema, true);
    if (words.length + json.length === 0) continue;
    const why = blindnessOf(table);
    if (why) sampled.unseen.push({ of: shownName(table), why });
    else await sampleTable(look, classified, { words, json });
  }
}

const blindnessOf = ({ readable, rowSecurity }: CatalogueTable): Unseen["why"] | undefined => {
  if (!readable) return "NOT_READABLE";
  return rowSecurity.active ? "ROW_SECURITY" : undefined;
};

/** Columns in which there may be words. */
const wordsOf = (
  columns: readonly CatalogueColumn[],
  { catalogue }: Schema,
  json: boolean,
): WordColumn[] =>
  columns
    .map(({ name, type }) => ({ name, type: columnType(type, catalogue) }))
    .filter(({ type }) => !isWordless(type) && (type.family === "json") === json);

async function sampleTable(
  { client, schema, sampled }: Look,
  classified: Classified,
  { words, json }: { words: WordColumn[]; json: WordColumn[] },
): Promise<void> {
  const { table } = classified;
  const samples: [string, ColumnSample][] = [];
  const look = async <T>(of: string, work: () => Promise<T>): Promise<T | undefined> => {
    const found = await attempt(client, work);
    if ("value" in found) return found.value;
    sampled.unseen.push({ of, ...whyUnseen(found.sqlState) });
    return undefined;
  };
  const texts = await look(shownName(table), () => textsOf(client, table, words));
  samples.push(...(texts ?? []));
  if (texts !== undefined && texts.size > 0) {
    await look(shownName(table), () => findCommon(client, schema, classified, { words, texts }));
  }
  for (const column of json) {
    const of = shownColumn(table, column.name);
    const sample = await look(of, () => jsonOf(client, table, column));
    if (sample) samples.push([column.name, sample]);
  }
  for (const [name, sample] of samples) sampled.observed[shownColumn(table, name)] = sample;
  if (samples.some(([, { filled }]) => filled > 0)) return;
  const some = await attempt(client, () =>
    client.query(`select from ${fromSql(table)} limit 1`).then(({ rowCount }) => rowCount === 0),
  );
  if ("value" in some && some.value) sampled.unseen.push({ of: shownName(table), why: "EMPTY" });
}

type Samples = Map<string, ColumnSample>;

async function textsOf(
  client: Asks,
  table: CatalogueTable,
  words: readonly WordColumn[],
): Promise<Samples> {
  const samples: Samples = new Map();
  if (words.length === 0) return samples;
  const { rows } = await client.query<
    Omit<ColumnSample, "shapes"> & { n: number; shapes: Record<Shape, number> }
  >(shapesSql(table, words));
  for (const { n, filled, distinct, longest, shapes } of rows) {
    const sample = { ...unsampled, filled, distinct, longest, shapes: sharesOf(shapes, filled) };
    samples.set(words[n]?.name ?? "", sample);
  }
  return samples;
}

const sharesOf = (counts: Shapes, of: number): Shapes =>
  Object.fromEntries(Object.entries(counts).map(([shape, count]) => [shape, count / of]));

/** Whether a column has few values in many rows, each of them with several tenants. */
async function findCommon(
  client: Asks,
  { catalogue }: Schema,
  classified: Classified,
  { words, texts }: { words: readonly WordColumn[]; texts: Samples },
): Promise<void> {
  const isFew = ({ filled, distinct }: { filled: number; distinct: number }) =>
    distinct <= fewValues && filled >= distinct * rowsForEach;
  const few = words.filter(({ name }) => {
    const sample = texts.get(name);
    return sample !== undefined && isFew(sample);
  });
  const tenant = tenantExpression(classified, catalogue);
  if (few.length === 0 || tenant === undefined) return;
  const { rows } = await client.query(commonSql(classified.table, few, tenant));
  for (const { n, filled, distinct, tenants, words: isWords, shapes } of rows) {
    const sample = texts.get(few[n]?.name ?? "");
    if (!sample) continue;
    sample.common = isWords === true && tenants > 1 && isFew({ filled, distinct });
    // What the smaller sample has not seen.
    for (const shape of (shapes ?? []) as Shape[]) sample.shapes[shape] ??= 1 / filled;
  }
}

interface JsonAnswer {
  numbers: string[];
  free: boolean;
  texts: { path: string; shape: Shape | null; rows: number }[];
}

async function jsonOf(
  client: Asks,
  table: CatalogueTable,
  { name, type }: WordColumn,
): Promise<ColumnSample> {
  const { rows } = await client.query<JsonAnswer>(jsonSql(table, name, type.array));
  const { numbers = [], free = false, texts = [] } = rows[0] ?? {};
  const byPath = new Map<string, Shapes>();
  const counts = new Map<string, number>();
  const all: Shapes = {};
  for (const { path, shape, rows } of texts) {
    counts.set(path, (counts.get(path) ?? 0) + rows);
    if (shape === null) continue;
    byPath.set(path, { ...byPath.get(path), [shape]: rows });
    all[shape] = (all[shape] ?? 0) + rows;
  }
  const filled = texts.reduce((sum, each) => sum + each.rows, 0);
  return {
    ...unsampled,
    filled,
    shapes: sharesOf(all, filled),
    json: { numbers: numbers.filter(isPersonalNumber), free },
    paths: Object.fromEntries(
      [...byPath].map(([path, shapes]) => [path, sharesOf(shapes, counts.get(path) ?? 1)]),
    ),
  };
}

const numeric = { family: "integer", array: false, base: "bigint" } as const;

/** A number in JSON, by the last name of its path. */
const isPersonalNumber = (path: string): boolean =>
  looksLikePii((path.split(".").at(-1) ?? "").replaceAll("[]", ""), {
    ...numeric,
    ...{ length: undefined, precision: undefined },
  });

import { looksLikePii } from "../masks/sensitive.ts";
import type { ColumnType } from "../model/column-type.ts";
import { shownColumn } from "../model/names.ts";
import { type ColumnSample, type Shape, type Shapes, unsampled } from "../model/observed.ts";
import type { SampledTable } from "./sample-sql.ts";

// What the server answers about columns, `n` being the column's place among those that were asked about.

/** At most so many different values can be words of the program's. */
const fewValues = 20;
/** At least so many rows for each value, or nobody could say that it is a word of the program's. */
const rowsForEach = 5;

export interface TextAnswer {
  n: number;
  filled: number;
  distinct: number;
  longest: number;
  shapes: Partial<Record<Shape, number>>;
}

export interface CommonAnswer {
  n: number;
  filled: number;
  distinct: number;
  tenants: number;
  words: boolean | null;
  shapes: Shape[] | null;
}

export interface JsonAnswer {
  numbers: string[];
  free: boolean;
  texts: { path: string; shape: Shape | null; rows: number }[];
}

/** By the number that statements give it. */
export const numberedColumns = (tables: readonly SampledTable[]): string[] =>
  tables.flatMap(({ table, columns }) => columns.map(({ name }) => shownColumn(table, name)));

export const textSample = ({ filled, distinct, longest, shapes }: TextAnswer): ColumnSample => ({
  ...unsampled,
  ...{ filled, distinct, longest, shapes: sharesOf(shapes, filled) },
});

const sharesOf = (counts: Shapes, of: number): Shapes =>
  Object.fromEntries(Object.entries(counts).map(([shape, count]) => [shape, count / of]));

/** Few values in many rows: whether several tenants have each of them is worth a question. */
export const isFew = ({ filled, distinct }: Pick<ColumnSample, "filled" | "distinct">): boolean =>
  filled > 0 && distinct <= fewValues && filled >= distinct * rowsForEach;

/** With what the smaller sample has not seen. */
export function withCommon(sample: ColumnSample, answer: CommonAnswer): ColumnSample {
  const { filled, tenants, words, shapes } = answer;
  return {
    ...sample,
    common: words === true && tenants > 1 && isFew(answer),
    shapes: {
      ...Object.fromEntries((shapes ?? []).map((shape) => [shape, 1 / filled])),
      ...sample.shapes,
    },
  };
}

/** Of a column without rows there is no answer. */
export function jsonSample(answer: JsonAnswer | undefined): ColumnSample {
  const { numbers, free, texts } = answer ?? { numbers: [], free: false, texts: [] };
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

const numeric: ColumnType = {
  ...{ family: "integer" as const, array: false, base: "bigint" },
  ...{ length: undefined, precision: undefined },
};

/** A number in JSON, by the last name of its path. */
const isPersonalNumber = (path: string): boolean =>
  looksLikePii((path.split(".").at(-1) ?? "").replaceAll("[]", ""), numeric);

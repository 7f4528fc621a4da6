import { isWordless } from "../../masks/sensitive.ts";
import type { CatalogueColumn, CatalogueTable } from "../../model/catalogue.ts";
import { columnType } from "../../model/column-type.ts";
import { shownColumn, shownName } from "../../model/names.ts";
import { type Observed, unsampled } from "../../model/observed.ts";
import type { Schema } from "../../rules/links.ts";
import { type Classified, fromSql } from "../../rules/ownership.ts";
import {
  type CommonAnswer,
  isFew,
  type JsonAnswer,
  jsonSample,
  numberedColumns,
  type TextAnswer,
  textSample,
  withCommon,
} from "../answers.ts";
import { type JsonColumn, jsonSql } from "../json-sql.ts";
import { commonSql, type SampledTable, shapesSql, type WordColumn } from "../sample-sql.ts";
import { tenantExpression } from "../tenant-expression.ts";
import type { Unseen } from "../unseen.ts";
import { type Asks, inTransaction } from "./attempt.ts";
import { inBatches } from "./batches.ts";

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
  const look: Look = { client, schema, sampled: { observed: {}, unseen: [] } };
  await inTransaction(client, () => sampleAll(look, tables, wanted));
  return look.sampled;
}

async function sampleAll(look: Look, tables: readonly Classified[], wanted: Wanted): Promise<void> {
  const { schema, sampled } = look;
  const texts: TextsOf[] = [];
  const json: JsonColumn[] = [];
  const looked: CatalogueTable[] = [];
  for (const classified of tables) {
    const { table } = classified;
    const columns = table.columns.filter((column) => wanted(table, column));
    const words = wordsOf(columns, schema, false);
    const documents = wordsOf(columns, schema, true);
    if (words.length + documents.length === 0) continue;
    const why = blindnessOf(table);
    if (why) {
      sampled.unseen.push({ of: shownName(table), why });
      continue;
    }
    looked.push(table);
    if (words.length > 0) texts.push({ table, columns: words, classified });
    json.push(...documents.map(({ name, type }) => ({ table, name, isArray: type.array })));
  }
  await sampleTexts(look, texts);
  await sampleJson(look, json);
  await findEmpty(look, looked);
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

interface TextsOf extends SampledTable {
  classified: Classified;
}

/** Columns in one statement: its patterns are compiled once for all of them. */
const columnsAtOnce = { text: 200, json: 12 };

async function sampleTexts({ client, schema, sampled }: Look, all: TextsOf[]): Promise<void> {
  const { observed, unseen } = sampled;
  const batches = {
    atOnce: columnsAtOnce.text,
    width: ({ columns }: SampledTable) => columns.length,
    noteUnseen: ({ table }: SampledTable, why: Omit<Unseen, "of">) => {
      unseen.push({ of: shownName(table), ...why });
    },
  };
  await inBatches(client, all, {
    ...batches,
    look: async (some: readonly SampledTable[]) => {
      const { rows } = await client.query<TextAnswer>(shapesSql(some));
      const names = numberedColumns(some);
      return () => {
        for (const row of rows) observed[names[row.n] ?? ""] = textSample(row);
      };
    },
  });
  const few = all.flatMap(({ table, columns, classified }) => {
    const some = columns.filter(({ name }) =>
      isFew(observed[shownColumn(table, name)] ?? unsampled),
    );
    const tenant = tenantExpression(classified, schema.catalogue);
    return some.length === 0 || tenant === undefined ? [] : [{ table, columns: some, tenant }];
  });
  await inBatches(client, few, {
    ...batches,
    look: async (some: typeof few) => {
      const { rows } = await client.query<CommonAnswer>(commonSql(some));
      const names = numberedColumns(some);
      return () => {
        for (const row of rows) {
          const name = names[row.n] ?? "";
          observed[name] = withCommon(observed[name] ?? unsampled, row);
        }
      };
    },
  });
}

async function sampleJson({ client, sampled }: Look, all: JsonColumn[]): Promise<void> {
  await inBatches(client, all, {
    atOnce: columnsAtOnce.json,
    width: () => 1,
    look: async (some) => {
      const { rows } = await client.query<JsonAnswer & { n: number }>(jsonSql(some));
      return () => {
        for (const [n, { table, name }] of some.entries()) {
          const answer = rows.find((row) => row.n === n);
          sampled.observed[shownColumn(table, name)] = jsonSample(answer);
        }
      };
    },
    noteUnseen: ({ table, name }, why) =>
      sampled.unseen.push({ of: shownColumn(table, name), ...why }),
  });
}

/** Which of the tables in which no value was found have no row. */
async function findEmpty({ client, sampled }: Look, tables: CatalogueTable[]): Promise<void> {
  const isUnfilled = (table: CatalogueTable) =>
    table.columns.every(({ name }) => !sampled.observed[shownColumn(table, name)]?.filled);
  await inBatches(client, tables.filter(isUnfilled), {
    atOnce: columnsAtOnce.text,
    width: () => 1,
    look: async (some) => {
      const selects = some.map(
        (table, n) => `select ${n} as n where not exists (select from ${fromSql(table)})`,
      );
      const { rows } = await client.query<{ n: number }>(selects.join(" union all "));
      const empty = new Set(rows.map(({ n }) => some[n]));
      return () =>
        sampled.unseen.push(
          ...some
            .filter((table) => empty.has(table))
            .map((table): Unseen => ({ of: shownName(table), why: "EMPTY" })),
        );
    },
    noteUnseen: () => {},
  });
}

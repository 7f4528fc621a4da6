import { DsError } from "../../../errors/ds-error.ts";
import { plural } from "../../../lib/format/plural.ts";
import type { TableName } from "../../model/catalogue.ts";
import { sameTable, shownName, sqlName } from "../../model/names.ts";
import type { Reference, TablePlan } from "../../model/plan.ts";
import { isOwned } from "../../plan/copy-sql.ts";
import { isOfKept, type Load, parentPlan, stateOf, staysAway, typesOf } from "../load.ts";
import {
  emptyReferenceSql,
  nobodysSql,
  orphanCountSql,
  orphansSql,
  presentKeysSql,
} from "../referenced-rows-sql.ts";
import type { Pair } from "./copy-tables.ts";
import { askForMissing } from "./missing-keys.ts";

const examples = 3;

/** References to other organizations that were emptied, by name. */
export type Emptied = { reference: string; rows: number }[];

/** Empties what refers to rows that must not come along, as far as the rules say so. */
export async function emptyCrossTenant(pair: Pair, load: Load): Promise<Emptied> {
  const emptied: Emptied = [];
  for (const reference of load.plan.references) {
    if (reference.crossTenant !== "null" || !staysAway(load, reference)) continue;
    const rows = await withStrays(pair, load, reference, async (strays) => {
      const { rowCount } = await pair.target.query(emptyReferenceSql(reference, strays));
      return rowCount ?? 0;
    });
    if (rows > 0) emptied.push({ reference: reference.name, rows });
  }
  return emptied;
}

/**
 * Throws where a row refers to what must not come along. Where a foreign key says so too, adding that key
 * again finds it sooner than looking here does.
 */
export async function refuseCrossTenant(pair: Pair, load: Load): Promise<void> {
  for (const reference of load.plan.references) {
    if (reference.crossTenant === "null" || !staysAway(load, reference)) continue;
    if (hasValidForeignKey(load, reference)) continue;
    const refusal = await crossTenantRefusal(pair, load, reference);
    if (refusal !== undefined) throw refusal;
  }
}

/** Why a reference does not hold, with the rows' keys; undefined when it holds. */
export async function crossTenantRefusal(
  pair: Pair,
  load: Load,
  reference: Reference,
): Promise<DsError | undefined> {
  const { name, child, childColumns, parent, parentColumns } = reference;
  const key = stateOf(load, child)?.primaryKey ?? [];
  const isKept = isOfKept(load, reference) || parentPlan(load, reference)?.class === "keep";
  const rows = await withStrays(pair, load, reference, async (among) => {
    const sql = orphansSql(reference, key, { limit: examples + 1, among });
    return (await pair.target.query<Orphan>(sql)).rows;
  });
  if (rows.length === 0) return undefined;
  const crossings = await countCrossings(pair, load);
  const total = crossings.find(
    (each) => each.constraint === name && each.table === shownName(child),
  );
  // A kept row is main's own.
  const isShown =
    isOfKept(load, reference) ||
    (isWithoutWords(load, child, key) && isWithoutWords(load, child, childColumns));
  const pairs = (columns: readonly string[], values: readonly string[]) =>
    columns.map((column, at) => `${column} ${values[at]}`).join(", ");
  const shown = rows
    .slice(0, isShown ? examples : 0)
    .map(
      (row) =>
        `${key.length ? `${pairs(key, row.key)} -> ` : ""}${pairs(parentColumns, row.refers)}`,
    )
    .join("; ");
  const owner = await ownerOf(pair, load, reference, rows);
  const others = crossings
    .filter((each) => each !== total)
    .map((each) => `${each.table} (${each.constraint}): ${plural(each.rows, "row")}`);
  const where = `rows of ${shownName(parent)}${isOfKept(load, reference) ? `, which production does not bring; ${shownName(child)} keeps main's rows` : whyAway(parentPlan(load, reference), owner)}`;
  return new DsError(
    "REFUSED",
    `${shownName(child)}.${childColumns.join(", ")} (${name}) refers to ${where}: ${plural(total?.rows ?? rows.length, "row")}${shown === "" ? "" : `, such as ${shown}`}${others.length === 0 ? "" : `; so do ${others.join(", ")}`}`,
    {
      reason: "CROSS_TENANT_REFERENCE",
      hint: isKept
        ? 'Decide in ds.config.ts: under refresh.tables "shared" or "reference" takes production\'s rows, under refresh.crossTenant "null" empties the reference.'
        : owner === "nobody"
          ? `Decide in ds.config.ts: nullTenant "shared" of ${shownName(parent)}, or of what it belongs to, under refresh.tables takes them; "null" under refresh.crossTenant empties the reference.`
          : "Decide in ds.config.ts, under refresh.crossTenant, what happens to it: null empties it, allow copies the row.",
      details: {
        constraint: name,
        table: shownName(child),
        parent: shownName(parent),
        ...(owner === undefined ? {} : { owner }),
        rows: isShown ? rows.slice(0, examples) : [],
        crossings,
      },
    },
  );
}

/** Its own key, and the key that it refers to. */
interface Orphan {
  key: string[];
  refers: string[];
}

/**
 * Whose the missing parents are; undefined where production has none, or the table is nobody's in particular.
 */
type Owner = "another" | "nobody" | "both" | undefined;

async function ownerOf(
  { source }: Pair,
  load: Load,
  reference: Reference,
  orphans: readonly Orphan[],
): Promise<Owner> {
  const parent = parentPlan(load, reference);
  if (parent === undefined || !isOwned(parent)) return undefined;
  const types = keyTypes(load, reference);
  const arrays = types.map((_, at) => orphans.map(({ refers }) => refers[at] ?? null));
  const settings = types.map(
    (_, at) => `set_config('ds.keys${at + 1}', $${at + 1}::text[]::text, false)`,
  );
  await source.query(`select ${settings.join(", ")}`, arrays);
  const answer = await source.query<{ nobodys: number; rows: number }>(
    nobodysSql(parent, reference, types),
  );
  const { nobodys = 0, rows = 0 } = answer.rows[0] ?? {};
  if (rows === 0) return undefined;
  return nobodys === 0 ? "another" : nobodys === rows ? "nobody" : "both";
}

const keyTypes = (load: Load, { parent, parentColumns }: Reference): string[] => {
  const types = typesOf(load, parent);
  return parentColumns.map((name) => types[name] ?? "text");
};

/**
 * Where no foreign key says that a parent has to be there, only those count that production has: their keys are
 * in a temporary table while the work is done.
 */
async function withStrays<T>(
  pair: Pair,
  load: Load,
  reference: Reference,
  work: (strays: string | undefined) => Promise<T>,
): Promise<T> {
  const parent = parentPlan(load, reference);
  if (!reference.declared || parent === undefined) return work(undefined);
  const { source, target } = pair;
  const types = keyTypes(load, reference);
  const columns = types.map((type, at) => `k${at + 1} ${type}`).join(", ");
  await target.query(`create temporary table ds_strays (${columns})`);
  await askForMissing(pair, reference, sqlName(reference.child), async () => {
    const { rows } = await source.query(presentKeysSql(parent, reference, types));
    const arrays = types.map((type, at) => `$${at + 1}::${type}[]`).join(", ");
    const keys = types.map((_, at) => rows[0]?.[`keys${at + 1}`] ?? "{}");
    await target.query(`insert into ds_strays select * from unnest(${arrays})`, keys);
  });
  const result = await work("pg_temp.ds_strays");
  await target.query("drop table pg_temp.ds_strays");
  return result;
}

interface CrossedReference {
  constraint: string;
  table: string;
  parent: string;
  rows: number;
}

/** Every reference that stops the refresh, so that all can be decided at once. */
async function countCrossings(pair: Pair, load: Load): Promise<CrossedReference[]> {
  const found: CrossedReference[] = [];
  for (const reference of load.plan.references) {
    const isKept = isOfKept(load, reference);
    if (!isKept && (reference.crossTenant === "null" || !staysAway(load, reference))) continue;
    const count = await withStrays(pair, load, reference, async (among) => {
      const sql = orphanCountSql(reference, among);
      return (await pair.target.query<{ rows: number }>(sql)).rows[0]?.rows ?? 0;
    });
    if (count === 0) continue;
    const { name, child, parent } = reference;
    found.push({
      constraint: name,
      table: shownName(child),
      parent: shownName(parent),
      rows: count,
    });
  }
  return found;
}

/** Keys that are numbers or random tell which row it is; others may be somebody's address. */
const isWithoutWords = (load: Load, table: TableName, columns: readonly string[]): boolean => {
  const types = typesOf(load, table);
  return columns.every((column) =>
    /^(smallint|integer|bigint|numeric|uuid|boolean|date|timestamp\b.*)$/.test(types[column] ?? ""),
  );
};

function whyAway(parent: TablePlan | undefined, owner: Owner): string {
  if (parent?.class === "skip") return ", which is skipped";
  if (parent?.class === "keep") return " that main does not have; it keeps its own rows";
  switch (owner) {
    case "another":
      return " that belong to another organization";
    case "nobody":
      return " that belong to no organization";
    case "both":
      return " that belong to another organization, or to none";
    default:
      return " that are not there";
  }
}

const hasValidForeignKey = ({ state }: Load, { name, child }: Reference): boolean =>
  state.foreignKeys.some(
    (key) =>
      key.validated &&
      key.name === name &&
      sameTable(child, { schema: key.schema, name: key.table }),
  );

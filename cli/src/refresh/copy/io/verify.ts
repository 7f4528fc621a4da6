import type { Client } from "pg";
import { DsError } from "../../../errors/ds-error.ts";
import { plural } from "../../../lib/format/plural.ts";
import { sameTable, shownColumn, shownName } from "../../model/names.ts";
import type { ColumnPlan, RefreshPlan, TablePlan } from "../../model/plan.ts";
import { isCopied } from "../../plan/copy-sql.ts";
import { inParallel } from "../in-parallel.ts";
import { type Load, stateOf, typesOf } from "../load.ts";
import { countSql, isCompared, isLeak, rawDigestsSql, sampleSql } from "../verify-sql.ts";
import type { Pair, RowCounts } from "./copy-tables.ts";
import { readKept } from "./kept-rows.ts";
import type { ReferencedRowsReport } from "./referenced-rows.ts";

const sampledRows = 500;

export interface Proof {
  /** Masked columns whose values were compared with the source's, and how many values that were. */
  comparedColumns: number;
  comparedValues: number;
  /** Values that came out as they were, by chance: names and words for which a mask may do that. */
  unchangedValues: number;
  /** Masked columns that were not compared: no primary key that production has, or a mask that may return the value. */
  notCompared: string[];
}

/** What the copy has brought. */
export interface Arrived {
  copied: RowCounts;
  referenced: ReferencedRowsReport;
}

/** What has to be true of the scratch branch before it takes main's place. Throws the first that is not. */
export async function verifyCopy(
  load: Load,
  arrived: Arrived,
  pairs: readonly [Pair, ...Pair[]],
): Promise<Proof> {
  const { plan } = load;
  const [{ target: first }] = pairs;
  await verifyKept(first, load);
  const loaded = plan.tables.filter((table) => table.class !== "keep");
  await inParallel(pairs, loaded, ({ target }, table) => verifyRows(target, plan, table, arrived));
  const proof: Proof = {
    comparedColumns: 0,
    comparedValues: 0,
    unchangedValues: 0,
    notCompared: [],
  };
  await inParallel(pairs, plan.tables, (pair, table) => verifyMasks(pair, load, table, proof));
  return proof;
}

async function verifyKept(target: Client, { plan, kept }: Load): Promise<void> {
  const now = await readKept(target, plan);
  for (const [table, before] of kept) {
    const after = now.get(table);
    if (after?.rows === before.rows && after.digest === before.digest) continue;
    const name = shownName(table.table);
    throw notVerified(`${name} keeps its rows, and they are not as they were`, { table: name });
  }
}

async function verifyRows(
  target: Client,
  plan: RefreshPlan,
  table: TablePlan,
  { copied, referenced }: Arrived,
): Promise<void> {
  const name = shownName(table.table);
  const { rows } = await target.query<{ rows: number; outside: number; torn: number }>(
    countSql(table),
  );
  const { rows: found = 0, outside = 0, torn = 0 } = rows[0] ?? {};
  const expected =
    (isCopied(table) ? (copied.get(table) ?? 0) : 0) + (referenced.fetched.get(table) ?? 0);
  const fail = (what: string) => notVerified(`${name} ${what}`, { table: name });
  if (found !== expected) throw fail(`has ${plural(found, "row")}, and ${expected} were copied`);
  const allowed = referenced.allowed.get(table) ?? 0;
  if (outside > allowed) throw fail(`has ${plural(outside, "row")} of another organization`);
  if (torn > 0) throw fail(`has ${plural(torn, "row")} that belong to two organizations`);
  if (sameTable(table.table, plan.tenant.table) && found - allowed !== 1) {
    throw fail(`has ${plural(found, "row")}, and there is one organization`);
  }
}

async function verifyMasks(
  { source, target }: Pair,
  load: Load,
  plan: TablePlan,
  proof: Proof,
): Promise<void> {
  const masked = plan.columns.filter(({ mask }) => mask !== undefined);
  if (masked.length === 0) return;
  const own = stateOf(load, plan.table);
  const key = own?.primaryKey ?? [];
  const isOfSource = key.every((name) => plan.columns.some((column) => column.name === name));
  const columns = key.length === 0 || !isOfSource ? [] : masked.filter(isCompared);
  const nameOf = ({ name }: ColumnPlan) => shownColumn(plan.table, name);
  proof.notCompared.push(...masked.filter((column) => !columns.includes(column)).map(nameOf));
  if (own === undefined || columns.length === 0) return;

  const sample = await target.query(sampleSql(plan, key, columns, sampledRows));
  const { digests, ...keys } = sample.rows[0] ?? {};
  if (digests === null || digests === undefined) return;
  const arrays = Object.values(keys);
  await source.query(
    `select ${arrays.map((_, at) => `set_config('ds.keys${at + 1}', $${at + 1}, false)`).join(", ")}`,
    arrays,
  );
  const types = typesOf(load, plan.table);
  const answer = await source.query(rawDigestsSql(plan, key, columns, types));
  const { rows: found = 0, digests: ofSource } = answer.rows[0] ?? {};
  const sampled = (digests as unknown[]).length;
  if (found < sampled) {
    // Nothing that is not found could be told from a mask.
    const table = shownName(plan.table);
    throw notVerified(
      `of ${sampled} sampled rows of ${table}, ${found} are in the source by their keys`,
      { table, sampled, found },
    );
  }
  const raw = new Set((ofSource as (string | null)[][]).flat());
  for (const [at, column] of columns.entries()) {
    const values = (digests as (string | null)[][]).flatMap((row) => row[at] ?? []);
    const unchanged = values.filter((value) => raw.has(value)).length;
    proof.comparedColumns += 1;
    proof.comparedValues += values.length;
    proof.unchangedValues += unchanged;
    if (isLeak(column.mask ?? "", unchanged, values.length)) {
      throw notVerified(
        `${nameOf(column)} is masked (${column.mask}), but ${unchanged} of ${values.length} sampled values are as in the source`,
        { column: nameOf(column), mask: column.mask, unchanged, compared: values.length },
      );
    }
  }
}

const notVerified = (what: string, details: Record<string, unknown>): DsError =>
  new DsError("REFUSED", `not verified: ${what}`, {
    reason: "COPY_NOT_VERIFIED",
    hint: "This should not happen: please report it, with the plan (ds db refresh-staging --plan).",
    details,
  });

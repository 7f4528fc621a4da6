import type { Client } from "pg";
import { DsError } from "../../../errors/ds-error.ts";
import { sameTable, shownName } from "../../model/names.ts";
import type { Reference, TablePlan } from "../../model/plan.ts";
import { isOwned } from "../../plan/copy-sql.ts";
import { isOfKept, type Load, parentPlan, stateOf, staysAway } from "../load.ts";
import { emptyReferenceSql, orphansSql } from "../referenced-rows-sql.ts";

const examples = 3;

/** References to other organizations that were emptied, by name. */
export type Emptied = { reference: string; rows: number }[];

/** Empties what refers to rows that must not come along, as far as the rules say so. */
export async function emptyCrossTenant(target: Client, load: Load): Promise<Emptied> {
  const emptied: Emptied = [];
  for (const reference of load.plan.references) {
    if (reference.crossTenant !== "null" || !staysAway(load, reference)) continue;
    const { rowCount } = await target.query(emptyReferenceSql(reference));
    if (rowCount) emptied.push({ reference: reference.name, rows: rowCount });
  }
  return emptied;
}

/**
 * Throws where a row refers to what must not come along. Where a foreign key says so too, adding that key
 * again finds it sooner than looking here does.
 */
export async function refuseCrossTenant(target: Client, load: Load): Promise<void> {
  for (const reference of load.plan.references) {
    if (reference.crossTenant === "null" || !staysAway(load, reference)) continue;
    if (hasValidForeignKey(load, reference)) continue;
    const refusal = await crossTenantRefusal(target, load, reference);
    if (refusal !== undefined) throw refusal;
  }
}

/** Why a reference's constraint does not hold, with the rows' keys; undefined when it holds. */
export async function crossTenantRefusal(
  target: Client,
  load: Load,
  reference: Reference,
): Promise<DsError | undefined> {
  const { name, child, childColumns, parent, parentColumns } = reference;
  const key = stateOf(load, child)?.primaryKey ?? [];
  const isKept = isOfKept(load, reference) || parentPlan(load, reference)?.class === "keep";
  const { rows } = await target.query<{ key: string[]; refers: string[] }>(
    orphansSql(reference, key, examples + 1),
  );
  if (rows.length === 0) return undefined;
  const pairs = (columns: readonly string[], values: readonly string[]) =>
    columns.map((column, at) => `${column} ${values[at]}`).join(", ");
  const shown = rows
    .slice(0, examples)
    .map(
      (row) =>
        `${key.length ? `${pairs(key, row.key)} -> ` : ""}${pairs(parentColumns, row.refers)}`,
    )
    .join("; ");
  const where = `rows of ${shownName(parent)}${isOfKept(load, reference) ? `, which production does not bring; ${shownName(child)} keeps main's rows` : whyAway(parentPlan(load, reference))}`;
  return new DsError(
    "REFUSED",
    `${shownName(child)}.${childColumns.join(", ")} (${name}) refers to ${where}: ${shown}${rows.length > examples ? " and more" : ""}`,
    {
      reason: "CROSS_TENANT_REFERENCE",
      hint: isKept
        ? 'Decide in ds.config.ts: under refresh.tables "shared" or "reference" takes production\'s rows, under refresh.crossTenant "null" empties the reference.'
        : "Decide in ds.config.ts, under refresh.crossTenant, what happens to it: null empties it, allow copies the row.",
      details: {
        constraint: name,
        table: shownName(child),
        parent: shownName(parent),
        rows: rows.slice(0, examples),
      },
    },
  );
}

function whyAway(parent: TablePlan | undefined): string {
  if (parent?.class === "skip") return ", which is skipped";
  if (parent?.class === "keep") return " that main does not have; it keeps its own rows";
  return parent !== undefined && isOwned(parent)
    ? " that belong to another organization"
    : " that are not there";
}

const hasValidForeignKey = ({ state }: Load, { name, child }: Reference): boolean =>
  state.foreignKeys.some(
    (key) =>
      key.validated &&
      key.name === name &&
      sameTable(child, { schema: key.schema, name: key.table }),
  );

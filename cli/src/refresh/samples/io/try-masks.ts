import { quoteIdentifier } from "../../../postgres/quote.ts";
import { isOfClass } from "../../../postgres/sqlstate.ts";
import type { Catalogue, CatalogueCheck } from "../../model/catalogue.ts";
import { columnType } from "../../model/column-type.ts";
import { syntheticValues } from "../synthetic.ts";
import { syntheticTrialSql, type Trial, trialSql } from "../trial-sql.ts";
import { type Asks, attempt } from "./attempt.ts";

/** `fails`: masked rows violate the check. `untried`: it could not be asked, and why. */
export type Verdict =
  | { is: "holds" }
  | { is: "fails"; sqlState?: string }
  | { is: "untried"; sqlState: string };

/** Of one trial: SQL of the rules may take as long as it likes. */
const patience = { statementMs: 2000, lockMs: 0 };

/** Whether masked rows of a sample, in a transaction of the source's, are what the check asks for. */
export async function tryRows(client: Asks, trial: Trial): Promise<Verdict> {
  return await ask(client, trial, trialSql(trial));
}

/**
 * The same for a check of one column, also with values that nobody has. Not for masks that move a value a
 * little: at the edge of what is allowed each of them fails, and production need not have such values.
 */
export async function tryColumn(
  client: Asks,
  trial: Trial,
  { mask, source }: { mask: string; source: Catalogue },
): Promise<Verdict> {
  const rows = await tryRows(client, trial);
  const column = trial.table.columns.find(({ name }) => name === trial.check.columns[0]);
  if (rows.is !== "holds" || !column || ["number", "date", "sql"].includes(mask)) return rows;
  const written = withoutDomain(column.type, source);
  const values = syntheticValues(columnType(column.type, source), column.allowed);
  if (values.length === 0) return rows;
  const made = await ask(client, trial, syntheticTrialSql(trial, written, values));
  return made.is === "fails" ? made : rows;
}

const withoutDomain = (type: string, catalogue: Catalogue): string => {
  const inner = catalogue.domains[type];
  return inner === undefined ? type : withoutDomain(inner, catalogue);
};

/** Not whether a mask keeps to anything, but whether it can be made of the values. */
export const madeAtAll = (column: string): CatalogueCheck => ({
  name: "",
  columns: [column],
  expression: `coalesce((${quoteIdentifier(column)})::text, '') is not null`,
});

/** Checks of one column alone that a mask of it may break. */
export const checksOf = (checks: readonly CatalogueCheck[], column: string): CatalogueCheck[] =>
  checks.filter(({ columns }) => columns.length === 1 && columns[0] === column);

/** An error of data is what a load would end in, too. */
async function ask(client: Asks, { check }: Trial, sql: string): Promise<Verdict> {
  const count = () => client.query<{ n: number }>(sql);
  const found = await attempt(client, count, patience);
  if ("value" in found) return { is: (found.value.rows[0]?.n ?? 0) > 0 ? "fails" : "holds" };
  const { sqlState, constraint } = found;
  // The mask is of the domain's type, so that whichever check of the domain fails ends the statement.
  if (constraint !== undefined && constraint !== check.name) return { is: "holds" };
  const isOfData = isOfClass(sqlState, "dataException", "integrityConstraintViolation");
  return isOfData ? { is: "fails", sqlState } : { is: "untried", sqlState };
}

import type { Client } from "pg";
import { codeOf } from "../../../errors/code-of.ts";
import { quoteIdentifier } from "../../../postgres/quote.ts";
import { isOfClass } from "../../../postgres/sqlstate.ts";
import type { Catalogue, CatalogueCheck } from "../../model/catalogue.ts";
import { columnType } from "../../model/column-type.ts";
import { syntheticValues } from "../synthetic.ts";
import { syntheticTrialSql, type Trial, trialSql } from "../trial-sql.ts";

/** `fails`: masked rows violate the check. `untried`: it could not be asked, and why. */
export type Verdict =
  | { is: "holds" }
  | { is: "fails"; sqlState?: string }
  | { is: "untried"; sqlState: string };

export type Asks = Pick<Client, "query">;

/** Milliseconds of one trial: SQL of the rules may take as long as it likes. */
const mostMs = 2000;

/** Whether masked rows of a sample, in a transaction of the source's, are what the check asks for. */
export async function tryRows(client: Asks, trial: Trial): Promise<Verdict> {
  return await attempt(client, trial, trialSql(trial));
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
  const made = await attempt(client, trial, syntheticTrialSql(trial, written, values));
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

/** An error does not end the transaction. One of data is what a load would end in, too. */
async function attempt(client: Asks, { check }: Trial, sql: string): Promise<Verdict> {
  await client.query(`savepoint ds_trial; set local statement_timeout = ${mostMs}`);
  try {
    const { rows } = await client.query<{ n: number }>(sql);
    await client.query("rollback to savepoint ds_trial");
    return { is: (rows[0]?.n ?? 0) > 0 ? "fails" : "holds" };
  } catch (error) {
    const sqlState = codeOf(error) ?? "";
    if (!/^[0-9A-Z]{5}$/.test(sqlState)) throw error;
    await client.query("rollback to savepoint ds_trial");
    const isOfData = isOfClass(sqlState, "dataException", "integrityConstraintViolation");
    // The mask is of the domain's type, so that whichever check of the domain fails ends the statement.
    const { constraint } = error as { constraint?: string };
    if (constraint !== undefined && constraint !== check.name) return { is: "holds" };
    return isOfData ? { is: "fails", sqlState } : { is: "untried", sqlState };
  } finally {
    await client.query("release savepoint ds_trial").catch(() => {});
  }
}

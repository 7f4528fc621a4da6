import { quoteIdentifier, quoteLiteral } from "../../postgres/quote.ts";
import type { CatalogueCheck, CatalogueTable } from "../model/catalogue.ts";
import { spreadRows } from "./rows.ts";

/** A check, and what becomes of the columns that it is about. */
export interface Trial {
  /** Production's. */
  table: CatalogueTable;
  check: CatalogueCheck;
  /** As SQL on the row `t`. */
  expressions: readonly { name: string; expression: string }[];
}

const mostRows = 400;

/** How many masked rows of a sample the check does not let in, of those that it lets in as they are. */
export const trialSql = (trial: Trial): string =>
  countSql(trial, spreadRows(trial.table, "all", mostRows));

/**
 * The same with values that nobody has, for a check of one column.
 *
 * @param type of the column, without its domain
 */
export function syntheticTrialSql(trial: Trial, type: string, values: readonly string[]): string {
  const [name = ""] = trial.check.columns;
  const rows = values.map((value) => `(${quoteLiteral(value)})`).join(", ");
  return countSql(
    trial,
    `(select v.v::${type} as ${quoteIdentifier(name)} from (values ${rows}) v(v))`,
  );
}

function countSql({ check, expressions }: Trial, rows: string): string {
  const masked = expressions.map(
    ({ name, expression }) => `${expression} as ${quoteIdentifier(name)}`,
  );
  return `select count(*)::int as n from (
      select ${masked.join(", ")} from ${rows} t where ${holds(check, "t")} is not false offset 0
    ) m where not ${holds(check, "m")}`;
}

/** The check of the alias's row. Of a domain the column is called `value`. */
function holds({ columns, expression }: CatalogueCheck, alias: string): string {
  const named = columns.map((name) => `${alias}.${quoteIdentifier(name)}`);
  const [first, ...others] = columns;
  const list = [
    ...named,
    ...(others.length === 0 && first !== "value" ? [`${named[0]} as value`] : []),
  ];
  return `(select (${expression}) from (select ${list.join(", ")}) c)`;
}

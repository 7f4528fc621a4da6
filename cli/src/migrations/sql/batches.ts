import type { Node, UpdateStmt } from "libpg-query";
import { quoteIdentifier } from "../../postgres/quote.ts";
import { tokenAt } from "../../postgres/sql-token.ts";
import { relationName } from "./parsed-statement.ts";

/**
 * `-- ds:batches` above an UPDATE: it is carried out in batches, each committed by itself, before the statement as it
 * stands finds the few rows that are left. Whoever does not know the comment runs the statement, to the same end.
 */

/** An UPDATE whose own condition keeps it from changing a row twice. */
export interface BatchedUpdate {
  /** As it can be cast to regclass. */
  table: string;
  /** What its columns can be named with: `"items"`, or its alias. */
  qualifier: string;
  /** Its text as far as its WHERE, and behind that. */
  head: string;
  condition: string;
}

/** @param between the text from the statement before to this one */
export const wantsBatches = (between: string): boolean =>
  /^[ \t]*--[ \t]*ds:batches[ \t]*\r?$/m.test(between);

export const batchesComment = "-- ds:batches";

/**
 * Undefined for what might change a row twice, or has to see all rows at once. Accepted is `UPDATE t SET a = … WHERE
 * a IS NULL` or `… WHERE a IS DISTINCT FROM <what it is set to>`, with further conditions behind AND.
 *
 * @param text the statement's own
 */
export function batchedUpdate(node: Node | undefined, text: string): BatchedUpdate | undefined {
  if (node === undefined || !("UpdateStmt" in node)) return undefined;
  const update = node.UpdateStmt;
  const { fromClause, relation, returningClause, whereClause, withClause } = update;
  if (fromClause || returningClause || withClause || !relation || !whereClause) return undefined;
  if (!conditions(whereClause).some((one) => endsBy(one, update))) return undefined;
  const where = whereIn(text);
  if (where === undefined) return undefined;
  return {
    table: relationName(relation),
    qualifier: quoteIdentifier(relation.alias?.aliasname ?? relation.relname ?? ""),
    head: text.slice(0, where),
    condition: text.slice(where + "where".length),
  };
}

/** Those that are joined by AND. */
function conditions(node: Node): Node[] {
  if (!("BoolExpr" in node) || node.BoolExpr.boolop !== "AND_EXPR") return [node];
  return (node.BoolExpr.args ?? []).flatMap(conditions);
}

/** Whether the condition no longer holds for a row once it is updated. */
function endsBy(condition: Node, { targetList = [] }: UpdateStmt): boolean {
  const setTo = (column: string | undefined) =>
    targetList.flatMap((one) =>
      "ResTarget" in one && one.ResTarget.name === column ? [one.ResTarget.val] : [],
    )[0];
  if ("NullTest" in condition) {
    const { arg, nulltesttype } = condition.NullTest;
    const value = setTo(columnName(arg));
    return nulltesttype === "IS_NULL" && value !== undefined && !isNull(value);
  }
  if (!("A_Expr" in condition) || condition.A_Expr.kind !== "AEXPR_DISTINCT") return false;
  const { lexpr, rexpr } = condition.A_Expr;
  const value = setTo(columnName(lexpr));
  return value !== undefined && withoutPlaces(value) === withoutPlaces(rexpr);
}

function columnName(node: Node | undefined): string | undefined {
  const last =
    node !== undefined && "ColumnRef" in node ? node.ColumnRef.fields?.at(-1) : undefined;
  return last !== undefined && "String" in last ? last.String.sval : undefined;
}

const isNull = (node: Node): boolean => "A_Const" in node && node.A_Const.isnull === true;

/** Where something stands in the text makes no difference. */
const withoutPlaces = (node: Node | undefined): string =>
  JSON.stringify(node, (key, value) => (key === "location" ? undefined : value)) ?? "";

/** Where the statement's own WHERE begins. */
function whereIn(text: string): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    const { end, kind } = tokenAt(text, at);
    const token = text.slice(at, end);
    if (kind === "symbol" && token === "(") depth += 1;
    if (kind === "symbol" && token === ")") depth -= 1;
    if (kind === "word" && depth === 0 && token.toLowerCase() === "where") return at;
    at = end;
  }
  return undefined;
}

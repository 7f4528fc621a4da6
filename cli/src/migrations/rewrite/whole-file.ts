import type { ParsedMigration } from "../folder/parsed-migration.ts";
import { wantsNoTransaction } from "../sql/parsed-statement.ts";
import { splitStatements } from "../sql/split-statements.ts";
import { transactionControl } from "../sql/transaction-control.ts";

/** Why a file is not to be cut into more transactions than it has; undefined where it may be. */
export function whyNotCut({ committed, sql, statements }: ParsedMigration): string | undefined {
  if (committed > 0) return "an earlier run has carried the migration out in part";
  const controls = splitStatements(sql).map(
    (statement) => transactionControl(sql, statement)?.kind,
  );
  const own = controls.some((kind) => kind !== undefined && kind !== "commit-and-chain");
  if (own || wantsNoTransaction(sql)) return "the file begins and ends its transactions itself";
  const isOfOne = statements.some(({ node }) => {
    if ("VariableSetStmt" in node) return node.VariableSetStmt.is_local === true;
    if ("CreateStmt" in node) return node.CreateStmt.relation?.relpersistence === "t";
    return "LockStmt" in node || "ConstraintsSetStmt" in node;
  });
  return isOfOne
    ? "the file has what ends with its transaction (SET LOCAL, LOCK, a temporary table)"
    : undefined;
}

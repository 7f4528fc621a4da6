import type { Node } from "libpg-query";
import { readStatements } from "../sql/parse.ts";
import type { Statement } from "../sql/split-statements.ts";
import { cutSteps, type Step } from "../sql/steps.ts";
import { type Migration, sentText } from "./migration.ts";

interface ParsedStatement extends Statement {
  node: Node;
}

export interface ParsedMigration {
  migration: Migration;
  /** As it is sent. */
  sql: string;
  /** Those that are sent. */
  statements: ParsedStatement[];
  steps: Step[];
  /** How many of the steps an earlier run has committed. */
  committed: number;
}

/**
 * Undefined where Postgres 18's grammar does not accept it.
 *
 * @param committed of its steps, how many an earlier run has committed
 */
export async function parseMigration(
  migration: Migration,
  committed: (steps: Step[]) => number = () => 0,
): Promise<ParsedMigration | undefined> {
  const sql = sentText(migration);
  const statements = await readStatements(sql);
  if (statements.some(({ node }) => node === undefined)) return undefined;
  const { sent, steps } = cutSteps(sql, statements);
  const parsed = sent.flatMap(({ node, ...rest }) =>
    node === undefined ? [] : [{ ...rest, node }],
  );
  return { migration, sql, statements: parsed, steps, committed: committed(steps) };
}

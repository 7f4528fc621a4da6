import type { NonTransactional, ParsedStatement } from "./parsed-statement.ts";
import {
  addsEnumValue,
  nonTransactionalIfAsked,
  nonTransactionalKind,
  setsSession,
  wantsNoTransaction,
} from "./parsed-statement.ts";

/** A part of a migration that is committed as one. */
export interface Step {
  /** Offset of `text` in the migration's text, in UTF-16 units. */
  start: number;
  text: string;
  /** How many of the migration's statements come before it. */
  before: number;
  statements: number;
  /** How it is run: in a transaction, or (one statement) outside of any. */
  alone: NonTransactional | undefined;
  /** SETs of earlier steps, which have to be in force: a step may be run by another session than they were. */
  settings: string;
}

/** A migration that is run in one transaction. */
export function singleStep(sql: string, statements: number): Step[] {
  return [{ start: 0, text: sql, before: 0, statements, alone: undefined, settings: "" }];
}

/**
 * Cuts a migration around what cannot be run in a transaction, and behind new values of enums, as
 * these cannot be used before they are committed. Everything else stays together.
 */
export function cutSteps(sql: string, statements: ParsedStatement[]): Step[] {
  const separate = wantsNoTransaction(sql);
  const kinds = statements.map(
    ({ node }) =>
      nonTransactionalKind(node) ?? (separate ? nonTransactionalIfAsked(node) : undefined),
  );
  const isCut = (index: number) => {
    const [earlier, later] = [statements[index - 1], statements[index]];
    if (earlier === undefined || later === undefined) return false;
    return (
      separate ||
      kinds[index - 1] !== undefined ||
      kinds[index] !== undefined ||
      (addsEnumValue(earlier.node) && !addsEnumValue(later.node))
    );
  };
  const firsts = [0, ...statements.keys()].filter((index, at) => at === 0 || isCut(index));

  return firsts.map((first, at): Step => {
    const next = firsts[at + 1] ?? statements.length;
    // What stands before the first statement belongs to it, what stands behind the last one too.
    const start = at === 0 ? 0 : (statements[first]?.start ?? 0);
    const settings = statements
      .slice(0, first)
      .filter(({ node }) => setsSession(node))
      .map((statement) => `${sql.slice(statement.start, statement.end)};`)
      .join("\n");
    return {
      start,
      text: sql.slice(start, statements[next]?.start ?? sql.length),
      before: first,
      statements: next - first,
      alone: kinds[first],
      settings,
    };
  });
}

import type {
  Destruction,
  Destructions,
  DestructiveTransaction,
  Loss,
  RowCount,
  TableName,
} from "../engine/contract.ts";
import { ago } from "../lib/format/ago.ts";

// What a person reads of destructions in a branch.

/** As many losses of one transaction, and changes since, are shown one by one. */
const mostShown = 12;

/** The transaction that a destruction began with: the branch is brought back to just before it. */
export function firstOf({ transactions: [first] }: Destruction): DestructiveTransaction {
  if (first === undefined) throw new Error("a destruction without a transaction");
  return first;
}

export const momentText = (at: string, now: number): string =>
  `${new Date(at).toISOString().replace(/\.\d+Z$/, "Z")} (${ago(at, now)})`;

/** What was destroyed and when, and what was written since. */
export function destructionLines(destruction: Destruction, now: number): string[] {
  return [
    ...destruction.transactions.flatMap(({ transaction, at, losses }) => [
      `${momentText(at, now)}, transaction ${transaction}:`,
      ...shortened(losses.map(lossText)).map((line) => `  ${line}`),
    ]),
    ...sinceLines(destruction),
  ];
}

function sinceLines({ since: { rows, tablesCreated } }: Destruction): string[] {
  const lines = [
    ...tablesCreated.map((table) => `created table ${nameOf(table)}`),
    ...rows.map((row) => `table ${nameOf(row)}: ${changesText(row)}`),
  ];
  if (lines.length === 0) return [];
  return ["Written since:", ...shortened(lines).map((line) => `  ${line}`)];
}

const changesText = (changes: Destruction["since"]["rows"][number]): string =>
  (["inserted", "updated", "deleted"] as const)
    .filter((kind) => changes[kind] > 0)
    .map((kind) => `${rowsText(changes[kind])} ${kind}`)
    .join(", ");

function lossText(loss: Loss): string {
  switch (loss.kind) {
    case "database-dropped":
      return `dropped database ${loss.database}`;
    case "schema-dropped":
      return `dropped schema ${loss.schema}`;
    case "table-dropped":
      return `dropped table ${nameOf(loss)}${countText(loss)}`;
    case "table-truncated":
      return `truncated table ${nameOf(loss)}${countText(loss)}`;
    case "column-dropped":
      return `dropped column ${loss.column} of table ${nameOf(loss)}${countText(loss)}`;
    case "all-rows-deleted":
      return `deleted all rows of table ${nameOf(loss)}${countText(loss)}`;
    case "definitions-dropped":
      return "dropped constraints, indexes, types or the like";
    case "all-rows-updated":
      return `updated all rows of table ${nameOf(loss)}${countText(loss)}`;
  }
}

/** All that were found, for `--list`. */
export function listText({ destructions, complete, from }: Destructions, now: number): string {
  const begin = from.at === null ? "" : ` The log begins at ${momentText(from.at, now)}.`;
  if (destructions.length === 0) {
    return complete
      ? `Nothing was destroyed in this branch.${begin}`
      : "Nothing was found in the last part of the log; there may be something before it.";
  }
  return [
    ...destructions.flatMap((each) => [...destructionLines(each, now), ""]),
    complete
      ? `These are all that the log tells of.${begin}`
      : "There may be earlier ones, which are not shown.",
    "To go back to just before one: ds db undo --to-before-destruction --transaction <number>",
  ].join("\n");
}

const nameOf = ({ schema, table }: TableName): string =>
  schema === "public" ? table : `${schema}.${table}`;

function countText({ rows, atLeast }: RowCount): string {
  if (rows === null) return "";
  return ` (${atLeast ? "more than " : ""}${rowsText(rows)})`;
}

const rowsText = (rows: number): string =>
  `${rows.toLocaleString("en")} ${rows === 1 ? "row" : "rows"}`;

function shortened(lines: string[]): string[] {
  const more = lines.length - mostShown;
  return more <= 1 ? lines : [...lines.slice(0, mostShown), `and ${more} more`];
}

import { plural } from "./plural.ts";
import type { StatementReport } from "./rehearsal.ts";
import type { LoadReport } from "./rehearsal-load.ts";
import { table } from "./table.ts";

/** One line a statement: where it is, how long it took, what it locked, and what it read or rewrote. */
export function rehearsalTable(statements: readonly StatementReport[]): string[] {
  return table([
    ["statement", "took", "locks", "rows", "SQL"],
    ...statements.map((statement) => [
      `${statement.migration}:${statement.line}`,
      `${milliseconds(statement.milliseconds)}`,
      locksText(statement),
      rowsText(statement),
      statement.sql,
    ]),
  ]);
}

/** The strongest lock on each table; what an earlier statement has taken is still held. */
function locksText({ locks, inTransaction }: StatementReport): string {
  const strongest = new Map<string, string>();
  for (const { table: name, mode, earlier } of locks) {
    if (!strongest.has(name)) strongest.set(name, `${earlier ? "still " : ""}${mode} ${name}`);
  }
  if (strongest.size === 0) return "-";
  return `${[...strongest.values()].join(", ")}${inTransaction ? "" : " (seen)"}`;
}

function rowsText({ rewritten, scanned }: StatementReport): string {
  const parts = [
    ...rewritten.map((name) => `rewrote ${name}`),
    ...scanned.map(({ table: name, rows }) => `scanned ${name} (${plural(rows, "row")})`),
  ];
  return parts.length === 0 ? "-" : parts.join(", ");
}

/** What readers and writers noticed of the migrations. */
export function loadText({
  tables,
  queries,
  blocked,
  longestWaitMs,
  deadlocks,
}: LoadReport): string[] {
  const lines = [
    `under load: ${plural(queries, "query", "queries")} on ${tables.join(", ")}; ` +
      `${blocked.length} blocked, longest wait ${milliseconds(longestWaitMs)}, ${plural(deadlocks, "deadlock")}`,
  ];
  const rows = new Map<string, { count: number; longest: number }>();
  for (const { migration, line, table: name, kind, waitedMs } of blocked) {
    const key = `${migration}:${line} blocked ${kind}s on ${name}`;
    const row = rows.get(key) ?? { count: 0, longest: 0 };
    rows.set(key, { count: row.count + 1, longest: Math.max(row.longest, waitedMs) });
  }
  for (const [what, { count, longest }] of rows) {
    lines.push(`  ${what}: ${count}, longest ${milliseconds(longest)}`);
  }
  return lines;
}

function milliseconds(value: number): string {
  return value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${Math.round(value)} ms`;
}

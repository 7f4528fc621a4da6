import { plural } from "../../lib/format/plural.ts";
import { table } from "../../lib/terminal/table.ts";
import type { ChangedRows, StatementReport } from "./effects.ts";
import type { LoadReport } from "./load-report.ts";

/**
 * A line for each statement (where it is, how long it took, what it locked, what it read or rewrote)
 * with its SQL below, which would make the table too wide for a terminal.
 */
export function rehearsalTable(statements: readonly StatementReport[]): string[] {
  const [heading = "", ...lines] = table([
    ["statement", "took", "locks", "rows"],
    ...statements.map((statement) => [
      `${statement.migration}:${statement.line}`,
      milliseconds(statement.milliseconds),
      locksText(statement),
      rowsText(statement),
    ]),
  ]);
  return [heading, ...lines.flatMap((line, index) => [line, `    ${statements[index]?.sql}`])];
}

/** The strongest lock on each table: of those that the statement takes, and how many it found held. */
export function locksText({ locks, inTransaction }: StatementReport): string {
  const strongest = new Map<string, { text: string; earlier: boolean }>();
  for (const { table: name, mode, earlier } of locks) {
    if (!strongest.has(name)) strongest.set(name, { text: `${mode} ${name}`, earlier });
  }
  const taken = [...strongest.values()].filter(({ earlier }) => !earlier).map(({ text }) => text);
  const held = strongest.size - taken.length;
  const parts = [
    ...(taken.length > 0 ? [taken.join(", ")] : []),
    ...(held > 0 ? [`${held} held before`] : []),
  ];
  return parts.length === 0 ? "-" : `${parts.join(" and ")}${inTransaction ? "" : " (seen)"}`;
}

export function rowsText({ rewritten, scanned }: StatementReport): string {
  const parts = [
    ...rewritten.map((name) => `rewrote ${name}`),
    ...scanned.map(
      ({ table: name, rows }) =>
        `scanned ${name} (${rows.toLocaleString("en")} ${rows === 1 ? "row" : "rows"})`,
    ),
  ];
  return parts.length === 0 ? "-" : parts.join(", ");
}

/** How many rows of which table the migrations have changed. */
export function changedRowsText({ tables, notCompared, why }: ChangedRows): string[] {
  const changed = tables.filter(({ added, removed, changed }) => added + removed + changed > 0);
  const lines = table(
    changed.map(({ table: name, added, removed, changed }) => [
      name,
      added > 0 ? `+${added}` : "",
      removed > 0 ? `-${removed}` : "",
      changed > 0 ? `~${changed}` : "",
    ]),
  );
  const left = why === undefined ? "" : `, as ${why}`;
  return [
    ...(lines.length > 0 ? ["rows that it changed:", ...lines.map((line) => `  ${line}`)] : []),
    ...(notCompared.length > 0 ? [`rows not compared${left}: ${notCompared.join(", ")}`] : []),
  ];
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

/** What deserves a warning of that; nothing when nobody waited. */
export function loadWarnings(load: LoadReport | undefined): string[] {
  if (load === undefined || (load.blocked.length === 0 && load.deadlocks === 0)) return [];
  return loadText(load).map((line) => line.trim());
}

function milliseconds(value: number): string {
  return value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${Math.round(value)} ms`;
}

import type { ChangedRows, StatementReport } from "../../migrations/rehearsal/effects.ts";
import { loadText, locksText, rowsText } from "../../migrations/rehearsal/text.ts";
import type { KnownMigrations } from "./facts.ts";
import { type Limit, more } from "./limit.ts";
import { code, codeCell } from "./markdown.ts";
import { prose, withoutValues } from "./prose.ts";

/** How long each statement took on a copy, and what it locked. */
export function rehearsalSection({ rehearsal }: KnownMigrations, limit: Limit): string[][] {
  if (rehearsal === undefined) return [];
  const { failure, statements, load, rows } = rehearsal;
  const failed = failure === undefined ? [] : [`❌ It failed: ${prose(withoutValues(failure))}`];
  return [
    ["#### Rehearsal"],
    failed,
    statementTable(statements, limit),
    ...(rows === undefined ? [] : rowSection(rows, limit)),
    load === undefined ? [] : limit.some(loadText(load)).shown.map((line) => `- ${prose(line)}`),
  ];
}

function statementTable(statements: readonly StatementReport[], limit: Limit): string[] {
  if (statements.length === 0) return [];
  const { shown, left } = limit.some(statements);
  const rows = shown.map((statement) =>
    [
      codeCell(`${statement.migration}:${statement.line}`),
      codeCell(shownStatement(statement.sql)),
      duration(statement.milliseconds),
      orDash(locksText(statement)),
      orDash(rowsText(statement)),
    ].join(" | "),
  );
  return [
    "| Where | Statement | Took | Locks | Rows |",
    "|---|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
    ...(left > 0 ? ["", ...more(left)] : []),
  ];
}

/** What data migrations did. */
function rowSection({ tables, notCompared, why }: ChangedRows, limit: Limit): string[][] {
  const changed = tables.filter((each) => each.added + each.removed + each.changed > 0);
  const { shown, left } = limit.some(changed);
  const count = (value: number) => value.toLocaleString("en");
  const missing = limit
    .some(notCompared)
    .shown.map((name) => code(name))
    .join(", ");
  return [
    changed.length === 0
      ? []
      : [
          "| Rows of | Added | Removed | Changed |",
          "|---|--:|--:|--:|",
          ...shown.map(
            (each) =>
              `| ${codeCell(each.table)} | ${count(each.added)} | ${count(each.removed)} | ${count(each.changed)} |`,
          ),
          ...(left > 0 ? ["", ...more(left)] : []),
        ],
    missing === ""
      ? []
      : [`Rows not compared${why === undefined ? "" : `, as ${prose(why)}`}: ${missing}`],
  ];
}

const orDash = (text: string): string => (text === "-" ? "-" : codeCell(text));

/** Statements that may hold a password or a connection string; of these the kind is enough. */
const mayHoldSecret =
  /^\s*((?:create|alter)\s+(?:role|user\s+mapping|user|group|server|subscription|foreign\s+\w+(?:\s+wrapper)?))\b/i;

function shownStatement(sql: string): string {
  const [, kind] = mayHoldSecret.exec(sql) ?? [];
  return kind === undefined ? sql : `${kind} …`;
}

function duration(milliseconds: number): string {
  return milliseconds >= 10_000
    ? `${(milliseconds / 1000).toFixed(1)} s`
    : `${Math.round(milliseconds)} ms`;
}

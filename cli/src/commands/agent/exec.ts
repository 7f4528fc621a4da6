import type { ChangedRows } from "../../agents/exec/io/changed-rows.ts";
import { type ExecFlags, type ExecReport, execOnBranch } from "../../agents/exec/io/exec.ts";
import type { AppContext } from "../../app-context.ts";
import { ChildExit } from "../../errors/ds-error.ts";
import { ago } from "../../lib/format/ago.ts";
import { describeEnd } from "../../lib/process/run-end.ts";
import type { Style } from "../../lib/terminal/style.ts";
import { shownTable } from "../../postgres/rows/shape.ts";
import { countLines, leftOutLines } from "../../postgres/rows/text.ts";
import { countsText, schemaDiffText } from "../../postgres/schema/text.ts";

/** Runs a command on a branch of its own, and ends with its status. */
export default async function exec(
  context: AppContext,
  flags: ExecFlags,
  ...command: string[]
): Promise<void> {
  const report = await execOnBranch(context, command, flags);
  const { stage, branch, kept, end, status, changes, rows } = report;
  context.output.result(
    {
      stage,
      branch: {
        id: branch.id,
        name: branch.name,
        kept,
        expiresAt: kept ? (branch.expiresAt ?? null) : null,
      },
      command: { status: end.status, signal: end.signal, seconds: Math.round(end.lasted / 1000) },
      changes: changes ?? null,
      rows: rows
        ? {
            base: rows.base,
            tables: rows.tables
              .filter(({ added, removed, changed }) => added + removed + changed > 0)
              .map(({ table, ...counts }) => ({ table: shownTable(table), ...counts })),
            notCompared: rows.leftOut,
          }
        : null,
    },
    "",
  );
  // The command's own output has stdout.
  for (const line of reportLines(context, report)) context.output.note(line);
  if (status !== 0) throw new ChildExit(status);
}

function reportLines(
  { output }: AppContext,
  { stage, branch, kept, end, changes, rows }: ExecReport,
): string[] {
  return [
    `The command ${describeEnd(end)}.`,
    ...(changes === undefined
      ? []
      : changes.length === 0
        ? ["It left the schema as it was."]
        : [`Schema: ${countsText(changes)}`, schemaDiffText(changes, output.style)]),
    ...(rows === undefined ? [] : rowLines(rows, output.style)),
    ...(kept
      ? [
          `The branch ${branch.name} is kept${branch.expiresAt ? `; it is deleted ${ago(branch.expiresAt, Date.now())}` : ""}.`,
          `To bring back its state before the run: ds db undo --target ${stage}`,
        ]
      : [`Deleted the branch ${branch.name}.`]),
  ];
}

function rowLines({ base, tables, leftOut }: ChangedRows, style: Style): string[] {
  const counts = countLines(tables, style);
  const head =
    counts.length === 0 ? `Its rows are those of ${base}.` : `Rows, compared with ${base}:`;
  return [head, ...counts, ...leftOutLines(leftOut)];
}

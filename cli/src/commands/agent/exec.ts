import { type ExecFlags, type ExecReport, execOnBranch } from "../../agents/exec/io/exec.ts";
import type { AppContext } from "../../app-context.ts";
import { ChildExit } from "../../errors/ds-error.ts";
import { ago } from "../../lib/format/ago.ts";
import { describeEnd } from "../../lib/process/run-end.ts";
import { countsText, schemaDiffText } from "../../postgres/schema/text.ts";

/** Runs a command on a branch of its own, and ends with its status. */
export default async function exec(
  context: AppContext,
  flags: ExecFlags,
  ...command: string[]
): Promise<void> {
  const report = await execOnBranch(context, command, flags);
  const { stage, branch, kept, end, status, changes } = report;
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
    },
    "",
  );
  // The command's own output has stdout.
  for (const line of reportLines(context, report)) context.output.note(line);
  if (status !== 0) throw new ChildExit(status);
}

function reportLines(
  { output }: AppContext,
  { stage, branch, kept, end, changes }: ExecReport,
): string[] {
  return [
    `The command ${describeEnd(end)}.`,
    ...(changes === undefined
      ? []
      : changes.length === 0
        ? ["It left the schema as it was."]
        : [`Schema: ${countsText(changes)}`, schemaDiffText(changes, output.style)]),
    ...(kept
      ? [
          `The branch ${branch.name} is kept${branch.expiresAt ? `; it is deleted ${ago(branch.expiresAt, Date.now())}` : ""}.`,
          `To bring back its state before the run: ds db undo --target ${stage}`,
        ]
      : [`Deleted the branch ${branch.name}.`]),
  ];
}

import { removeOrphanedBranches, withEphemeralBranch } from "../../../branches/io/ephemeral.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { plural } from "../../../lib/format/plural.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import { connectPostgres } from "../../../postgres/io/connect.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Target } from "../../../stages/io/target.ts";
import { type MigrationReport, type MigratorOptions, migrate } from "../../run/io/migrate.ts";
import { type RehearsalReport, withRehearsal } from "../report.ts";
import { loadText, loadWarnings, rehearsalTable } from "../text.ts";
import { startLoad } from "./load.ts";
import { measuring } from "./measure.ts";

/**
 * Runs what is pending on a throwaway branch of the target and shows what it did there. Throws the
 * migration's own error, with the target untouched; undefined when nothing is pending.
 *
 * @param options the migrator's, for the target itself
 */
export async function rehearse(
  context: Runtime & HasNeon & HasEngine,
  target: Target,
  options: MigratorOptions,
  withLoad: boolean,
): Promise<RehearsalReport | undefined> {
  await removeOrphanedBranches(context, target);
  const pending = await pendingReport(options);
  if (pending === undefined) return undefined;
  const { output } = context;
  const of = target.branch.name;
  const report: RehearsalReport = { of, statements: [] };
  const count = pending.pending.length + pending.late.length;
  try {
    await output.step(`Rehearsing ${plural(count, "migration")} on a copy of ${of}`, () =>
      withEphemeralBranch(context, target, "rehearsal", async ({ name, url }) => {
        const there = onThrowaway(options, name, url);
        const measure = measuring(there.connect);
        report.statements = measure.statements;
        await migrate({ ...there, runText: measure.runText });
      }),
    );
    if (withLoad) await underLoad(context, target, options, report);
  } catch (error) {
    if (report.statements.length > 0) show(context, report);
    throw error instanceof DsError ? rehearsalFailed(error, of, pending, report) : error;
  }
  show(context, report);
  return report;
}

/** A second copy: on the first one the migrations have been run. What was noticed is in the report also if they fail. */
async function underLoad(
  context: Runtime & HasEngine,
  target: Target,
  options: MigratorOptions,
  report: RehearsalReport,
): Promise<void> {
  await context.output.step(`Rehearsing under load on another copy of ${target.branch.name}`, () =>
    withEphemeralBranch(context, target, "rehearsal", async ({ name, url }) => {
      const there = onThrowaway(options, name, url);
      const load = await startLoad(there.connect, report.statements);
      try {
        await migrate({ ...there, runText: load.runText });
      } catch (error) {
        await load.stop().then(
          (noticed) => {
            report.load = noticed;
          },
          () => {}, // The migrations' own failure comes first.
        );
        throw error;
      }
      report.load = await load.stop();
    }),
  );
}

/** The same run elsewhere, without the words that are true of the target alone. */
function onThrowaway(
  { prefetched: _, ...options }: MigratorOptions,
  name: string,
  url: string,
): MigratorOptions {
  return {
    ...options,
    connect: (applicationName) =>
      connectPostgres(url, { what: `throwaway branch ${name}`, applicationName }),
    check: false,
    onWarning: () => {},
    onApplied: () => {},
  };
}

/** What the target would be asked to run; undefined when that is nothing, or it would refuse anyway. */
async function pendingReport(options: MigratorOptions): Promise<MigrationReport | undefined> {
  try {
    await migrate({ ...options, check: true, onWarning: () => {} });
    return undefined;
  } catch (error) {
    if (!(error instanceof DsError) || error.code !== "PENDING") throw error;
    const report = error.details.report as MigrationReport;
    return report.late.length > 0 && !options.policy.allowLate ? undefined : report;
  }
}

function show({ output }: Pick<Runtime, "output">, { statements, load }: RehearsalReport): void {
  for (const line of rehearsalTable(statements)) output.note(`  ${line}`);
  if (load === undefined) return;
  const isWarning = loadWarnings(load).length > 0;
  for (const line of loadText(load)) {
    if (isWarning) output.warn(line);
    else output.note(`  ${line}`);
  }
}

function rehearsalFailed(
  error: DsError,
  of: string,
  pending: MigrationReport,
  rehearsal: RehearsalReport,
): DsError {
  const report = { ...withRehearsal(pending, rehearsal), status: "failed" };
  if (error.code === "INTERRUPTED") {
    const message = `stopped during the rehearsal on a copy of ${of}; ${of} itself is untouched`;
    return new DsError(error.code, message, { details: { report } });
  }
  return new DsError(
    error.code,
    `the rehearsal on a copy of ${of} failed; ${of} itself is untouched. On the copy:\n${error.message}`,
    {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      details: { ...error.details, committed: [], report },
      cause: error,
    },
  );
}

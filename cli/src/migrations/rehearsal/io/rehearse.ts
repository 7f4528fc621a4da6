import type { Client } from "pg";
import { removeOrphanedBranches, withEphemeralBranch } from "../../../branches/io/ephemeral.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { plural } from "../../../lib/format/plural.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import { shownTable } from "../../../postgres/rows/shape.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Target } from "../../../stages/io/target.ts";
import type { MigrationCheck } from "../../run/failed.ts";
import { MigrationsFailed } from "../../run/failed.ts";
import { checkMigrations } from "../../run/io/check.ts";
import { migrate } from "../../run/io/migrate.ts";
import { knownDatabase, type MigrationRun } from "../../run/io/migration-run.ts";
import { RehearsalFailed } from "../failed.ts";
import type { RehearsalReport } from "../report.ts";
import { changedRowsText, loadText, loadWarnings, rehearsalTable } from "../text.ts";
import { changedRows } from "./changed-rows.ts";
import { startLoad } from "./load.ts";
import { measuring } from "./measure.ts";

/** What is to be rehearsed, and for which branch. */
export interface Rehearsal {
  target: Target;
  /** On the target itself. */
  run: MigrationRun;
  withLoad: boolean;
  /** Looks at the copy when its migrations have been run, before it goes. */
  examine?: (copy: { id: string; name: string }) => Promise<void>;
}

/**
 * Runs what is pending on an ephemeral branch of the target and shows what it did there. Throws
 * RehearsalFailed, with the target untouched; undefined when nothing is pending, or would be refused.
 */
export async function rehearse(
  context: Runtime & HasNeon & HasEngine,
  rehearsal: Rehearsal,
): Promise<RehearsalReport | undefined> {
  const { run, target, withLoad } = rehearsal;
  await removeOrphanedBranches(context, target);
  const check = await checkMigrations({ ...run, observe: unlessWarned(run.observe) });
  if (check.toRun.length === 0 || check.refused.length > 0) return undefined;
  const report: RehearsalReport = { of: target.branch.name, statements: [] };
  try {
    await measured(context, rehearsal, check, report);
    if (withLoad) await underLoad(context, rehearsal, report);
  } catch (error) {
    if (report.statements.length > 0) show(context, report);
    const failure = error instanceof MigrationsFailed ? error.failure : error;
    throw failure instanceof DsError ? new RehearsalFailed(failure, check.report, report) : failure;
  }
  show(context, report);
  return report;
}

async function measured(
  context: Runtime & HasEngine,
  { run, target, examine }: Rehearsal,
  { toRun }: MigrationCheck,
  report: RehearsalReport,
): Promise<void> {
  const title = `Rehearsing ${plural(toRun.length, "migration")} on a copy of ${report.of}`;
  await context.output.step(title, () =>
    withEphemeralBranch(context, target, "rehearsal", async ({ id, name, url }) => {
      const there = onCopy(run, name, url);
      const { send, statements } = measuring(there.database.connect);
      report.statements = statements;
      await migrate(there, { send });
      await compareWithTarget(context, run, there, report);
      await examine?.({ id, name });
    }),
  );
}

/** What is rehearsed has gone well: that its rows cannot be compared is no failure of it. */
async function compareWithTarget(
  { output, signal }: Pick<Runtime, "output" | "signal">,
  run: MigrationRun,
  there: MigrationRun,
  report: RehearsalReport,
): Promise<void> {
  const { schema, table } = run.migrations.ledger;
  const ledger = shownTable({ schema, name: table });
  const clients: Client[] = [];
  const giveUp = () => void Promise.all(clients.map((client) => client.end())).catch(() => {});
  signal.addEventListener("abort", giveUp);
  try {
    const connect = async ({ database }: MigrationRun) => {
      const client = await database.connect("ds rehearsal (comparing rows)");
      clients.push(client);
      return client;
    };
    const [base, copy] = [await connect(run), await connect(there)];
    report.rows = await changedRows(
      { base, copy },
      report.statements,
      (name) => name === ledger,
      signal,
    );
  } catch (error) {
    signal.throwIfAborted();
    output.warn(`the rows that it changed cannot be told: ${(error as Error).message}`);
  } finally {
    signal.removeEventListener("abort", giveUp);
    await Promise.all(clients.map((client) => client.end()));
  }
}

/** A second copy: on the first one the migrations have been run. What was noticed is in the report also if they fail. */
async function underLoad(
  context: Runtime & HasEngine,
  { run, target }: Rehearsal,
  report: RehearsalReport,
): Promise<void> {
  await context.output.step(`Rehearsing under load on another copy of ${report.of}`, () =>
    withEphemeralBranch(context, target, "rehearsal", async ({ name, url }) => {
      const there = onCopy(run, name, url);
      const load = await startLoad(there.database.connect, report.statements);
      try {
        await migrate(there, { send: load.send });
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
function onCopy(run: MigrationRun, name: string, url: string): MigrationRun {
  const observe = unlessWarned(run.observe);
  return {
    ...run,
    database: knownDatabase(url, { what: `throwaway branch ${name}` }),
    observe: (event) => {
      if (event.kind !== "applied") observe(event);
    },
  };
}

/** The run on the target says them again. */
const unlessWarned =
  (observe: MigrationRun["observe"]): MigrationRun["observe"] =>
  (event) => {
    if (event.kind !== "warned") observe(event);
  };

function show(
  { output }: Pick<Runtime, "output">,
  { statements, load, rows }: RehearsalReport,
): void {
  for (const line of rehearsalTable(statements)) output.note(`  ${line}`);
  for (const line of rows ? changedRowsText(rows) : []) output.note(`  ${line}`);
  if (load === undefined) return;
  const isWarning = loadWarnings(load).length > 0;
  for (const line of loadText(load)) {
    if (isWarning) output.warn(line);
    else output.note(`  ${line}`);
  }
}

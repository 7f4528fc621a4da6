import type { Client } from "pg";
import { DsError } from "../../../errors/ds-error.ts";
import { monotonicMs } from "../../../lib/async/monotonic.ts";
import { listed } from "../../../lib/format/listed.ts";
import { isServerError } from "../../../postgres/server-error.ts";
import { sqlState } from "../../../postgres/sqlstate.ts";
import { NotRun } from "../../failure/not-run.ts";
import type { Migration } from "../../folder/migration.ts";
import { compareWithLedger, type MigrationStates, toRun } from "../../ledger/compare.ts";
import { type Ledger, readLedger } from "../../ledger/io/ledger.ts";
import { ledgerLocked } from "../../ledger/io/lock.ts";
import { type MigrationPolicy, migrationRefusal, unrunnable } from "../../ledger/policy.ts";
import { summarize } from "../../ledger/summary.ts";
import { type MigrationWarning, migrationWarnings } from "../../ledger/warning.ts";
import { MigrationsFailed } from "../failed.ts";
import { emptyReport, type MigrationReport } from "../report.ts";
import type { MigrationRun } from "./migration-run.ts";
import { interrupted, ledgerFailure } from "./session.ts";

/** What there is to run on a database, and the connection that it was seen with. */
export interface Pending {
  client: Client;
  ledger: Ledger;
  /** Never empty. */
  migrations: Migration[];
}

/**
 * Compares folder and ledger, and works on what is pending. Nothing pending costs one query, with or without a
 * connection. A failure carries the report.
 *
 * @param policy what is refused; a look may allow more than the run's own
 */
export async function withPending(
  run: MigrationRun,
  policy: MigrationPolicy,
  work: (pending: Pending, report: MigrationReport) => Promise<void>,
): Promise<MigrationReport> {
  const started = monotonicMs();
  const report = emptyReport();
  let client: Client | undefined;
  try {
    const seen = await run.database.prefetchedLedger();
    if (seen && (await judge(run, seen, policy, report)).length === 0) return report;
    const connecting = monotonicMs();
    client = await connect(run);
    report.timings.connectMs = since(connecting);
    const ledger = await lookAtLedger(client, run);
    const migrations = await judge(run, ledger, policy, report);
    if (migrations.length === 0) return report;
    await run.database.verifyLedger(ledger);
    await work({ client, ledger, migrations }, report);
    return report;
  } catch (error) {
    const failure = asFailure(error, run, report.applied);
    if (!(failure instanceof DsError)) throw failure;
    report.status = "failed";
    throw new MigrationsFailed(failure, report);
  } finally {
    report.timings.totalMs = since(started);
    // Ends the session's lock as well. A connection that is broken has nothing left to end.
    await client?.end().catch(() => undefined);
  }
}

/** Waits for whoever has locked the table, and says who it was. */
export async function lookAtLedger(
  client: Client,
  { lockWait: { milliseconds }, migrations: { ledger } }: MigrationRun,
): Promise<Ledger> {
  return readLedger(client, ledger, milliseconds).catch(async (error) => {
    throw isServerError(error) && error.code === sqlState.lockNotAvailable
      ? await ledgerLocked(client, ledger, milliseconds)
      : error;
  });
}

/** What is to be run. Notes the states in the report, and refuses what the policy refuses. */
export async function judge(
  run: MigrationRun,
  ledger: Ledger,
  policy: MigrationPolicy,
  report: MigrationReport,
): Promise<Migration[]> {
  const { folder } = run.migrations;
  const states = compareWithLedger(folder, ledger.rows);
  const warnings = await allWarnings(run, states);
  const news = warnings.filter(({ text }) => !report.warnings.includes(text));
  report.warnings.push(...news.map(({ text }) => text));
  Object.assign(report, summarize(states));
  const refusal = await migrationRefusal(folder, states, policy);
  if (refusal !== undefined) throw refusal;
  for (const warning of news) run.observe({ kind: "warned", warning });
  return toRun(folder, states);
}

/** Of the ledger, and where something is to be run of the folder. */
export async function allWarnings(
  { migrations: { folder, folderWarnings, policy } }: Pick<MigrationRun, "migrations">,
  states: MigrationStates,
): Promise<MigrationWarning[]> {
  const warnings = migrationWarnings(states, policy.allowLate);
  const open = toRun(folder, states);
  if (open.length === 0) return warnings;
  return [...warnings, ...((await folderWarnings?.(open)) ?? [])];
}

/** Once: an attempt that is repeated says the same again. */
export function warnOnce(
  run: MigrationRun,
  report: MigrationReport,
  warning: MigrationWarning,
): void {
  if (report.warnings.includes(warning.text)) return;
  report.warnings.push(warning.text);
  run.observe({ kind: "warned", warning });
}

export function committedSoFar(applied: readonly string[]): string {
  return applied.length === 0 ? "no migration was applied" : `committed: ${listed(applied)}`;
}

export const since = (start: number): number => Math.round(monotonicMs() - start);

/**
 * Files that cannot be run are refused although the database cannot be reached; when it can, the
 * ledger may say that they were applied long ago, by other means.
 */
async function connect({ database, migrations }: MigrationRun): Promise<Client> {
  try {
    return await database.connect(database.applicationName);
  } catch (error) {
    throw (await unrunnable(migrations.folder.migrations)) ?? error;
  }
}

function asFailure(error: unknown, run: MigrationRun, applied: readonly string[]): unknown {
  const outcome = committedSoFar(applied);
  if (run.lockWait.signal.aborted && !(error instanceof DsError)) {
    return interrupted(run, outcome, applied.length > 0);
  }
  if (error instanceof NotRun) return error.after(applied);
  return ledgerFailure(error, `; ${outcome}`, run.command);
}

import type { Client } from "pg";
import { DsError } from "../../../errors/ds-error.ts";
import { monotonicMs } from "../../../lib/async/monotonic.ts";
import { oneLine } from "../../../lib/text/one-line.ts";
import type { Connect } from "../../../postgres/io/session.ts";
import { isServerError } from "../../../postgres/server-error.ts";
import { sqlState } from "../../../postgres/sqlstate.ts";
import { isWarning, type ServerMessage } from "../../failure/server-message.ts";
import type { Migration, MigrationFolder } from "../../folder/migration.ts";
import type { BegunMigration } from "../../ledger/begun.ts";
import { compareWithLedger, type MigrationStates, rowName, toRun } from "../../ledger/compare.ts";
import { begunMigrations } from "../../ledger/io/begun.ts";
import { createLedger, type Ledger, readLedger } from "../../ledger/io/ledger.ts";
import { lockedLedger, lockOrSay, stillHoldsLock } from "../../ledger/io/lock.ts";
import { readSteps } from "../../ledger/io/steps-table.ts";
import type { LedgerName } from "../../ledger/ledger-name.ts";
import {
  type MigrationPolicy,
  migrationRefusal,
  migrationWarnings,
  pendingWork,
  unrunnable,
} from "../../ledger/policy.ts";
import { mayUnlock } from "../../sql/parsed-statement.ts";
import { interrupted } from "./attempt-step.ts";
import { runMigration } from "./run-migration.ts";
import { applicationName, ledgerFailure, type RunText } from "./session.ts";

export interface MigratorOptions {
  folder: MigrationFolder;
  ledger: LedgerName;
  connect: Connect;
  /** The ledger, where it can be had without a connection; else undefined. */
  prefetched?(): Promise<Ledger | undefined>;
  /** Called when there is something to run or record, before anything is changed: throws where this is the wrong ledger. */
  proveLedger?: ((ledger: Ledger) => Promise<void>) | undefined;
  policy: MigrationPolicy;
  /** Only look: PENDING when there is something to run. */
  check: boolean;
  /** How long to wait for locks, in milliseconds. */
  wait: number;
  signal: AbortSignal;
  /** Who this is, for those who wait behind it: part of pg_stat_activity's application_name. */
  who: string;
  /** Something a person should see at once: a wait, a retry, a warning. */
  onNote(text: string): void;
  onWarning(text: string): void;
  /** For who wants to know everything. */
  onDetail?(text: string): void;
  onApplied(migration: Migration, milliseconds: number): void;
  /** Called with the lock held when there is something to run, before anything is changed. */
  beforeFirst?(client: Client): Promise<void>;
  /** How a migration's SQL reaches the server; default: whole. */
  runText?: RunText;
}

/** `ds db migrate --json`. A failure carries the same in its details, as `report`. */
export interface MigrationReport {
  status: "up-to-date" | "applied" | "pending" | "failed";
  /** What this run has applied; the other lists say how things are after it. */
  applied: string[];
  pending: string[];
  late: string[];
  edited: string[];
  unknown: string[];
  warnings: string[];
  /** With `--check`: those of the pending ones that an earlier run has carried out in part. */
  begun?: BegunMigration[];
  timings: {
    connectMs: number;
    /** Waiting for other migrators. */
    lockMs: number;
    totalMs: number;
    migrations: Record<string, number>;
  };
}

/** What is applied and what is not. Changes nothing, takes no lock. */
export async function inspectMigrations(
  client: Client,
  folder: MigrationFolder,
  ledger: LedgerName,
): Promise<MigrationStates> {
  return compareWithLedger(folder, (await readLedger(client, ledger)).rows);
}

/** Applies what is pending. Nothing pending costs one query, with or without a connection. */
export async function migrate(options: MigratorOptions): Promise<MigrationReport> {
  const started = monotonicMs();
  const report = emptyReport();
  let client: Client | undefined;
  try {
    const seen = await options.prefetched?.();
    if (seen && judge(seen, options, report).length === 0) return report;
    const connecting = monotonicMs();
    client = await connect(options);
    report.timings.connectMs = since(connecting);
    await migrateWith(client, options, report);
    return report;
  } catch (error) {
    const failure = asFailure(error, options.signal, report.applied);
    if (!(failure instanceof DsError)) throw failure;
    report.status = failure.code === "PENDING" ? "pending" : "failed";
    Object.assign(failure.details, { report });
    throw failure;
  } finally {
    report.timings.totalMs = since(started);
    // Ends the session's lock as well. A connection that is broken has nothing left to end.
    await client?.end().catch(() => undefined);
  }
}

async function migrateWith(
  client: Client,
  options: MigratorOptions,
  report: MigrationReport,
): Promise<void> {
  let { ledger, pending } = await look(client, options, report);
  if (pending.length === 0) return;
  await options.proveLedger?.(ledger);
  if (options.check) throw await foundPending(client, pending, options, report);

  const locking = monotonicMs();
  await lockOrSay(client, options.ledger, options);
  report.timings.lockMs += since(locking);

  // Whoever held the lock may have done the work.
  ({ ledger, pending } = await look(client, options, report));
  if (pending.length === 0) return;
  await options.beforeFirst?.(client);
  if (!ledger.exists) await createLedger(client, options.ledger, options.folder.format);

  const begun = await readSteps(client, options.ledger);
  for (const migration of pending) {
    if (options.signal.aborted) throw interrupted(committedSoFar(report.applied));
    const began = monotonicMs();
    await runMigration(client, migration, begun, {
      ledger: options.ledger,
      named: ledger.exists ? ledger.named : options.folder.format === "v1",
      applicationName: applicationName(options.who),
      connect: options.connect,
      wait: options.wait,
      signal: options.signal,
      committed: report.applied,
      onNote: options.onNote,
      onMessage: (of, message) => passOn(of, message, options, report),
      runText: options.runText,
    });
    report.status = "applied";
    report.applied.push(migration.name);
    report.pending = report.pending.filter((name) => name !== migration.name);
    report.late = report.late.filter((name) => name !== migration.name);
    const took = since(began);
    report.timings.migrations[migration.name] = took;
    options.onApplied(migration, took);
    // Whoever came in between may have done the rest.
    const mayHaveLost = report.pending.length > 0 && mayUnlock(migration.sql);
    if (mayHaveLost && !(await stillHoldsLock(client, options.ledger))) {
      return migrateWith(client, options, report);
    }
  }
}

/** What `--check` is there to tell. */
async function foundPending(
  client: Client,
  pending: Migration[],
  { ledger, policy }: MigratorOptions,
  report: MigrationReport,
): Promise<DsError> {
  report.begun = await begunMigrations(pending, await readSteps(client, ledger));
  return pendingWork(pending, report.begun, policy.allowLate ? [] : report.late);
}

async function look(
  client: Client,
  options: MigratorOptions,
  report: MigrationReport,
): Promise<{ ledger: Ledger; pending: Migration[] }> {
  const { ledger: name, wait } = options;
  const ledger = await readLedger(client, name, wait).catch(async (error) => {
    throw isServerError(error) && error.code === sqlState.lockNotAvailable
      ? await lockedLedger(client, name, wait)
      : error;
  });
  return { ledger, pending: judge(ledger, options, report) };
}

/** What is to be run. Notes the states in the report, and refuses what the policy refuses. */
function judge(
  ledger: Ledger,
  { folder, policy, check, onWarning }: MigratorOptions,
  report: MigrationReport,
): Migration[] {
  const states = compareWithLedger(folder, ledger.rows);
  const warnings = migrationWarnings(states, policy);
  const news = warnings.filter((warning) => !report.warnings.includes(warning));
  report.warnings.push(...news);
  report.pending = states.pending.map((migration) => migration.name);
  report.late = states.late.map((migration) => migration.name);
  report.edited = states.edited.map((migration) => migration.name);
  report.unknown = states.unknown.map(rowName);
  // To look at late migrations is allowed where running them is not.
  const refusal = migrationRefusal(folder, states, check ? { ...policy, allowLate: true } : policy);
  if (refusal !== undefined) throw refusal;
  for (const warning of news) onWarning(warning);
  return toRun(folder, states);
}

/** Once: an attempt that is repeated says the same again. */
function passOn(
  { name }: Migration,
  message: ServerMessage,
  { onWarning, onDetail }: MigratorOptions,
  report: MigrationReport,
): void {
  const text = `${name}: ${oneLine(message.message ?? "")}`;
  if (!isWarning(message)) onDetail?.(text);
  else if (!report.warnings.includes(text)) {
    report.warnings.push(text);
    onWarning(text);
  }
}

/**
 * Files with a BEGIN or COMMIT are refused although the database cannot be reached; when it can, the
 * ledger may say that they were applied long ago, by other means.
 */
async function connect({ connect, folder, who }: MigratorOptions): Promise<Client> {
  try {
    return await connect(applicationName(who));
  } catch (error) {
    throw unrunnable(folder.migrations) ?? error;
  }
}

/** The document of a command that failed before it could look at the database has its usual shape, too. */
export function withReport(error: unknown): unknown {
  if (error instanceof DsError) {
    error.details.report ??= { ...emptyReport(), status: "failed" } satisfies MigrationReport;
  }
  return error;
}

function asFailure(error: unknown, signal: AbortSignal, applied: string[]): unknown {
  if (signal.aborted && !(error instanceof DsError)) return interrupted(committedSoFar(applied));
  return ledgerFailure(error, `; ${committedSoFar(applied)}`);
}

function committedSoFar(applied: string[]): string {
  return applied.length === 0 ? "no migration was applied" : `committed: ${applied.join(", ")}`;
}

function since(start: number): number {
  return Math.round(monotonicMs() - start);
}

function emptyReport(): MigrationReport {
  return {
    status: "up-to-date",
    applied: [],
    pending: [],
    late: [],
    edited: [],
    unknown: [],
    warnings: [],
    timings: { connectMs: 0, lockMs: 0, totalMs: 0, migrations: {} },
  };
}

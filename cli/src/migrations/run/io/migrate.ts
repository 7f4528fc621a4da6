import type { Client } from "pg";
import { monotonicMs } from "../../../lib/async/monotonic.ts";
import { oneLine } from "../../../lib/text/one-line.ts";
import { isWarning, type ServerMessage } from "../../failure/server-message.ts";
import type { Migration } from "../../folder/migration.ts";
import { createLedger } from "../../ledger/io/ledger.ts";
import { lockLedger, stillHoldsLock } from "../../ledger/io/lock.ts";
import { adoptFormerTables } from "../../ledger/io/own-tables.ts";
import { readSteps } from "../../ledger/io/steps-table.ts";
import { mayUnlock } from "../../sql/parsed-statement.ts";
import type { MigrationReport } from "../report.ts";
import { noteMigrate } from "./last-migrate.ts";
import type { MigrationRun } from "./migration-run.ts";
import { committedSoFar, judge, lookAtLedger, since, warnOnce, withPending } from "./pending.ts";
import { noteProgress } from "./progress.ts";
import { runMigration } from "./run-migration.ts";
import { interrupted, type SendSql, sendWhole } from "./session.ts";

export interface MigrateOptions {
  /** Note when it began, for `ds db undo`. */
  undoable?: boolean;
  /** How a migration's SQL reaches the server. Default: a step as one text. */
  send?: SendSql;
}

/** Applies what is pending. */
export function migrate(run: MigrationRun, options: MigrateOptions = {}): Promise<MigrationReport> {
  return withPending(run, run.migrations.policy, ({ client }, report) =>
    applyPending(client, run, report, options),
  );
}

async function applyPending(
  client: Client,
  run: MigrationRun,
  report: MigrationReport,
  options: MigrateOptions,
): Promise<void> {
  const { folder, ledger: name, policy } = run.migrations;
  const locking = monotonicMs();
  await lockLedger(client, name, run.lockWait, (holder) =>
    run.observe({ kind: "lock-wait", holder }),
  );
  report.timings.lockMs += since(locking);

  // Whoever held the lock may have done the work.
  const ledger = await lookAtLedger(client, run);
  const pending = await judge(run, ledger, policy, report);
  if (pending.length === 0) return;
  await adoptFormerTables(client, name.schema);
  if (options.undoable) await noteMigrate(client, name.schema);
  if (!ledger.exists) await createLedger(client, name, folder.format);

  const begun = await readSteps(client, name);
  const session = {
    client,
    run,
    named: ledger.exists ? ledger.named : folder.format === "v1",
    committed: report.applied,
    send: options.send ?? sendWhole,
    hear: (of: Migration, message: ServerMessage) => passOn(run, report, of, message),
  };
  for (const migration of pending) {
    if (run.lockWait.signal.aborted) {
      throw interrupted(run, committedSoFar(report.applied), report.applied.length > 0);
    }
    noteProgress(run, report, migration.name);
    const began = monotonicMs();
    await runMigration(session, migration, begun);
    noteApplied(run, report, migration, since(began));
    // Whoever came in between may have done the rest.
    const mayHaveLost = report.pending.length > 0 && mayUnlock(migration.sql);
    if (mayHaveLost && !(await stillHoldsLock(client, name))) {
      const left = await judge(run, await lookAtLedger(client, run), policy, report);
      return left.length === 0 ? undefined : applyPending(client, run, report, options);
    }
  }
}

function noteApplied(
  run: MigrationRun,
  report: MigrationReport,
  { name }: Migration,
  milliseconds: number,
): void {
  report.status = "applied";
  report.applied.push(name);
  report.pending = report.pending.filter((other) => other !== name);
  report.late = report.late.filter((other) => other !== name);
  report.timings.migrations[name] = milliseconds;
  noteProgress(run, report);
  run.observe({ kind: "applied", migration: name, milliseconds });
}

function passOn(
  run: MigrationRun,
  report: MigrationReport,
  { name }: Migration,
  message: ServerMessage,
): void {
  const text = oneLine(message.message ?? "");
  if (isWarning(message)) warnOnce(run, report, { reason: "SERVER", text: `${name}: ${text}` });
  else run.observe({ kind: "noticed", migration: name, text });
}

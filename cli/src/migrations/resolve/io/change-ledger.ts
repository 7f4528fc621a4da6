import type { Client } from "pg";
import type { LedgerRow } from "../../ledger/compare.ts";
import {
  createLedger,
  deleteText,
  readLedger,
  recordText,
  rehashText,
} from "../../ledger/io/ledger.ts";
import { lockLedger } from "../../ledger/io/lock.ts";
import { createSteps, forgetStepsText, readSteps } from "../../ledger/io/steps-table.ts";
import type { LedgerName } from "../../ledger/ledger-name.ts";
import type { MigrationRun } from "../../run/io/migration-run.ts";
import { ledgerFailure } from "../../run/io/session.ts";
import type { LedgerChange, Recorded } from "../resolve.ts";

/** A change of the ledger by hand. */
export interface LedgerEdit {
  decide(recorded: Recorded): LedgerChange[];
  /** Throws where the person does not agree. */
  confirm(planned: LedgerChange[], client: Client): Promise<void>;
}

const ledgerChange = {
  done: "the ledger was changed",
  unclear: "the ledger may have been changed: `ds db status` shows it",
};

/** Decides what is to change from the ledger as it is, asks, and changes it if it is still so. */
export async function changeLedger(run: MigrationRun, edit: LedgerEdit): Promise<LedgerChange[]> {
  const { folder, ledger: name } = run.migrations;
  const client = await run.database.connect(run.database.applicationName);
  try {
    // The lock is not held while a person thinks: others would wait for the answer.
    const seen = await readLedger(client, name);
    await run.database.verifyLedger(seen);
    await edit.confirm(edit.decide(await recordedIn(client, name, seen.rows)), client);
    await lockLedger(client, name, run.lockWait, (holder) =>
      run.observe({ kind: "lock-wait", holder }),
    );
    run.lockWait.signal.throwIfAborted();
    const ledger = await readLedger(client, name);
    const recorded = await recordedIn(client, name, ledger.rows);
    const changes = edit.decide(recorded);
    if (!ledger.exists) await createLedger(client, name, folder.format);
    if (recorded.begun.size > 0) await createSteps(client, name);
    const named = ledger.exists ? ledger.named : folder.format === "v1";
    const writer = { ledger: name, named, begun: recorded.begun };
    // One simple query is one transaction.
    const text = changes.flatMap((change) => textsOf(writer, change)).join("; ");
    await run.changes.during(ledgerChange, () => client.query(text));
    return changes;
  } catch (error) {
    throw ledgerFailure(error, "; see what is recorded: ds db status", run.command);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function recordedIn(client: Client, ledger: LedgerName, rows: LedgerRow[]) {
  const begun = new Set((await readSteps(client, ledger)).map(({ migration }) => migration));
  return { rows, begun };
}

interface LedgerWriter extends Pick<Recorded, "begun"> {
  ledger: LedgerName;
  /** The ledger has the columns of Drizzle 1.x. */
  named: boolean;
}

function textsOf({ begun, ledger, named }: LedgerWriter, change: LedgerChange): string[] {
  const { migration } = change;
  const texts: string[] = [];
  if (change.action === "insert") texts.push(recordText(ledger, named, change.migration));
  if (change.action === "delete") texts.push(deleteText(ledger, change.row));
  if (change.action === "rehash") {
    texts.push(rehashText(ledger, change.row, change.migration.hash));
  }
  if (migration !== undefined && begun.has(migration.ledgerName)) {
    texts.push(forgetStepsText(ledger, migration.ledgerName));
  }
  return texts;
}

import type { Client } from "pg";
import type { Migration } from "../../folder/migration.ts";
import type { LedgerRow } from "../../ledger/compare.ts";
import {
  createLedger,
  deleteText,
  readLedger,
  recordText,
  rehashText,
} from "../../ledger/io/ledger.ts";
import { lockOrSay } from "../../ledger/io/lock.ts";
import { forgetStepsText, readSteps } from "../../ledger/io/steps-table.ts";
import type { LedgerName } from "../../ledger/ledger-name.ts";
import type { MigratorOptions } from "../../run/io/migrate.ts";
import { applicationName, ledgerFailure } from "../../run/io/session.ts";
import {
  baselineMigrations,
  type LedgerChange,
  type Resolution,
  resolveMigration,
} from "../resolve.ts";

type Options = Pick<
  MigratorOptions,
  "folder" | "ledger" | "connect" | "proveLedger" | "wait" | "signal" | "who" | "onNote"
>;

/** Decides what is to change from the ledger as it is, asks, and changes it if it is still so. */
async function changeLedger(
  options: Options,
  decide: (client: Client, rows: LedgerRow[]) => Promise<LedgerChange[]>,
  ask: (changes: LedgerChange[], client: Client) => Promise<void>,
): Promise<LedgerChange[]> {
  const { folder, ledger: name } = options;
  const client = await options.connect(applicationName(options.who));
  try {
    // The lock is not held while a person thinks: others would wait for the answer.
    const seen = await readLedger(client, name);
    await options.proveLedger?.(seen);
    await ask(await decide(client, seen.rows), client);
    await lockOrSay(client, name, options);
    const ledger = await readLedger(client, name);
    const changes = await decide(client, ledger.rows);
    if (!ledger.exists) await createLedger(client, name, folder.format);
    const named = ledger.exists ? ledger.named : folder.format === "v1";
    const begun = (await readSteps(client, name)).map((row) => row.migration);
    const texts = changes.flatMap((change) => textsOf(name, named, begun, change));
    // One simple query is one transaction.
    await client.query(texts.join("; "));
    return changes;
  } catch (error) {
    throw ledgerFailure(error, "; see what is recorded: ds db status");
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** @param begun ledger names of migrations that the side table knows of */
function textsOf(
  ledger: LedgerName,
  named: boolean,
  begun: string[],
  change: LedgerChange,
): string[] {
  const { migration } = change;
  const texts: string[] = [];
  if (change.action === "insert") texts.push(recordText(ledger, named, change.migration));
  if (change.action === "delete") texts.push(deleteText(ledger, change.row));
  if (change.action === "rehash") {
    texts.push(rehashText(ledger, change.row, change.migration.hash));
  }
  if (migration !== undefined && begun.includes(migration.ledgerName)) {
    texts.push(forgetStepsText(ledger, migration.ledgerName));
  }
  return texts;
}

/** @param ask throws where the person does not agree */
export async function resolve(
  options: Options,
  resolution: Resolution,
  name: string,
  ask: (change: LedgerChange) => Promise<void>,
): Promise<LedgerChange> {
  const decide = async (client: Client, rows: LedgerRow[]) => {
    const begun = (await readSteps(client, options.ledger)).map(({ migration }) => migration);
    return [resolveMigration(resolution, name, options.folder, rows, new Set(begun))];
  };
  const [change] = await changeLedger(options, decide, async ([planned]) =>
    ask(planned as LedgerChange),
  );
  return change as LedgerChange;
}

/** @param ask told how many tables the database has, outside of the ledger's schema */
export async function baseline(
  options: Options,
  to: string | undefined,
  ask: (migrations: Migration[], tables: number) => Promise<void>,
): Promise<Migration[]> {
  const decide = async (_: Client, rows: LedgerRow[]) =>
    baselineMigrations(options.folder, rows, to).map(
      (migration): LedgerChange => ({ action: "insert", migration }),
    );
  const changes = await changeLedger(options, decide, async (planned, client) =>
    ask(migrationsOf(planned), await countTables(client, options.ledger.schema)),
  );
  return migrationsOf(changes);
}

const migrationsOf = (changes: LedgerChange[]): Migration[] =>
  changes.flatMap(({ migration }) => migration ?? []);

async function countTables(client: Client, ledgerSchema: string): Promise<number> {
  const { rows } = await client.query<{ tables: number }>(
    `select count(*)::int as tables from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname !~ '^pg_|^information_schema$' and n.nspname <> $1`,
    [ledgerSchema],
  );
  return rows[0]?.tables ?? 0;
}

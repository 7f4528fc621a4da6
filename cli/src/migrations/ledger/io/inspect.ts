import type { Client } from "pg";
import type { MigrationFolder } from "../../folder/migration.ts";
import { compareWithLedger, type MigrationStates } from "../compare.ts";
import type { LedgerName } from "../ledger-name.ts";
import { readLedger } from "./ledger.ts";

/** What is applied and what is not. Changes nothing, takes no lock. */
export async function inspectMigrations(
  client: Client,
  { folder, ledger }: { folder: MigrationFolder; ledger: LedgerName },
): Promise<MigrationStates> {
  return compareWithLedger(folder, (await readLedger(client, ledger)).rows);
}

import type { Client } from "pg";
import { DsError } from "../../../errors/ds-error.ts";
import { sentText } from "../../failure/sql-failure.ts";
import type { Migration } from "../../folder/migration.ts";
import { compareWithLedger, rowName, toRun } from "../../ledger/compare.ts";
import { readLedger } from "../../ledger/io/ledger.ts";
import { nextStep, readSteps, type StepRow } from "../../ledger/io/steps-table.ts";
import { migrationRefusal, migrationWarnings } from "../../ledger/policy.ts";
import type { MigratorOptions } from "../../run/io/migrate.ts";
import { parseStatements, stepsOf } from "../../sql/parse.ts";
import { LockCatalogue } from "../locks/catalogue.ts";
import {
  type MigrationPlan,
  planMigration,
  type TableSize,
  tablesOf,
  withoutNewTables,
} from "../plan.ts";
import { readLockCatalogue } from "./catalogue.ts";

/** `ds db migrate --plan --json`. */
export interface PlanReport {
  status: "up-to-date" | "pending";
  applied: string[];
  pending: string[];
  late: string[];
  edited: string[];
  unknown: string[];
  warnings: string[];
  plan: MigrationPlan[];
}

/** What `migrate` would run, and what that would lock. Changes nothing, takes no lock. */
export async function planMigrations(
  client: Client,
  options: Pick<MigratorOptions, "folder" | "ledger" | "policy" | "proveLedger">,
): Promise<{ report: PlanReport; sizes: Map<string, TableSize> }> {
  const { folder, ledger, policy, proveLedger } = options;
  const found = await readLedger(client, ledger);
  const states = compareWithLedger(folder, found.rows);
  // To look at late migrations is allowed where running them is not.
  const refusal = migrationRefusal(folder, states, { ...policy, allowLate: true });
  if (refusal !== undefined) throw refusal;
  const migrations = toRun(folder, states);
  if (migrations.length > 0) await proveLedger?.(found);
  const begun = await readSteps(client, ledger);
  const catalogue = migrations.length === 0 ? LockCatalogue.empty : await readLockCatalogue(client);
  const whole: MigrationPlan[] = [];
  for (const migration of migrations) whole.push(await planOf(migration, begun, catalogue));
  const sizes = await sizesOf(client, [...new Set(whole.flatMap(tablesOf))]);
  const names = (list: Migration[]) => list.map(({ name }) => name);
  const report: PlanReport = {
    status: migrations.length === 0 ? "up-to-date" : "pending",
    applied: [],
    pending: names(states.pending),
    late: names(states.late),
    edited: names(states.edited),
    unknown: states.unknown.map(rowName),
    warnings: migrationWarnings(states, policy),
    plan: whole.map((plan) => withoutNewTables(plan, sizes)),
  };
  return { report, sizes };
}

async function planOf(
  migration: Migration,
  begun: StepRow[],
  catalogue: LockCatalogue,
): Promise<MigrationPlan> {
  const sql = sentText(migration);
  const statements = await parseStatements(sql);
  if (statements === undefined) {
    throw new DsError(
      "MIGRATION_REFUSED",
      `${migration.file} cannot be planned: Postgres 18's grammar does not accept it. Nothing was run.`,
      {
        hint: "`ds db migrate` names the line and column; where it fails the migration is rolled back",
        details: { migration: migration.name, file: migration.file },
      },
    );
  }
  const steps = await stepsOf(sql);
  const committed = nextStep(migration, steps, begun);
  return planMigration(migration, sql, statements, steps, committed, catalogue);
}

/** By the names that the statements use; what is not there is left out. */
async function sizesOf(client: Client, tables: string[]): Promise<Map<string, TableSize>> {
  const { rows } = await client.query<{ table: string; rows: number; bytes: string }>(
    `select t.table, c.reltuples as rows, pg_total_relation_size(c.oid) as bytes
     from unnest($1::text[]) as t("table") join pg_class c on c.oid = to_regclass(t.table)`,
    [tables],
  );
  return new Map(
    rows.map(({ table, rows: count, bytes }) => [
      table,
      { rows: count < 0 ? undefined : count, bytes: Number(bytes) },
    ]),
  );
}

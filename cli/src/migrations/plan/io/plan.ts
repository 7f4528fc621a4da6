import type { Client } from "pg";
import { DsError } from "../../../errors/ds-error.ts";
import { readExtensionStates } from "../../../postgres/io/extensions.ts";
import { type Migration, sentText } from "../../folder/migration.ts";
import { compareWithLedger, toRun } from "../../ledger/compare.ts";
import { readLedger } from "../../ledger/io/ledger.ts";
import { nextStep, readSteps, type StepRow } from "../../ledger/io/steps-table.ts";
import {
  extensionsOf,
  type MissingExtension,
  missingExtensions,
  missingText,
} from "../../ledger/missing-extensions.ts";
import { migrationRefusal } from "../../ledger/policy.ts";
import { type LedgerSummary, summarize } from "../../ledger/summary.ts";
import type { MigrationRun } from "../../run/io/migration-run.ts";
import { allWarnings } from "../../run/io/pending.ts";
import { readStatements } from "../../sql/parse.ts";
import { cutSteps } from "../../sql/steps.ts";
import { LockCatalogue } from "../locks/catalogue.ts";
import {
  type MigrationPlan,
  type ParsedMigration,
  planMigration,
  type TableSize,
  tablesOf,
  withoutNewTables,
} from "../plan.ts";
import { readLockCatalogue } from "./catalogue.ts";

/** `ds db migrate --plan --json`. */
export interface PlanReport extends LedgerSummary {
  status: "up-to-date" | "pending";
  applied: string[];
  warnings: string[];
  /** That migrations create, or use types of, and that are not there for them. */
  missingExtensions: MissingExtension[];
  plan: MigrationPlan[];
}

/** What `migrate` would run, and what that would lock. Changes nothing, takes no lock. */
export async function planMigrations(
  client: Client,
  run: Pick<MigrationRun, "migrations" | "database" | "command">,
): Promise<{ report: PlanReport; sizes: Map<string, TableSize> }> {
  const { folder, ledger, policy } = run.migrations;
  const found = await readLedger(client, ledger);
  const states = compareWithLedger(folder, found.rows);
  // To look at late migrations is allowed where running them is not.
  const refusal = await migrationRefusal(folder, states, { ...policy, allowLate: true });
  if (refusal !== undefined) throw refusal;
  const migrations = toRun(folder, states);
  if (migrations.length > 0) await run.database.verifyLedger(found);
  const begun = await readSteps(client, ledger);
  const catalogue = migrations.length === 0 ? LockCatalogue.empty : await readLockCatalogue(client);
  const whole: MigrationPlan[] = [];
  for (const migration of migrations) {
    const parsed = await parseMigration(migration, begun);
    if (parsed === undefined) throw notParsed(migration, run.command);
    whole.push(planMigration(parsed, catalogue));
  }
  const wanted = extensionsOf(migrations);
  const extensionStates = wanted.length === 0 ? [] : await readExtensionStates(client, wanted);
  const missing = missingExtensions(migrations, extensionStates);
  const sizes = await sizesOf(client, [...new Set(whole.flatMap(tablesOf))]);
  const report: PlanReport = {
    status: migrations.length === 0 ? "up-to-date" : "pending",
    applied: [],
    ...summarize(states),
    warnings: [
      ...(await allWarnings(run, states)).map(({ text }) => text),
      ...missing.map(warningText),
    ],
    missingExtensions: missing,
    plan: whole.map((plan) => withoutNewTables(plan, sizes)),
  };
  return { report, sizes };
}

function warningText(missing: MissingExtension): string {
  const { says, fix } = missingText(missing);
  return `${says}. ${fix}`;
}

/** Undefined where Postgres 18's grammar does not accept it. */
async function parseMigration(
  migration: Migration,
  begun: StepRow[],
): Promise<ParsedMigration | undefined> {
  const sql = sentText(migration);
  const statements = await readStatements(sql);
  if (statements.some(({ node }) => node === undefined)) return undefined;
  const { sent, steps } = cutSteps(sql, statements);
  const parsed = sent.flatMap(({ node, ...rest }) =>
    node === undefined ? [] : [{ ...rest, node }],
  );
  return {
    migration,
    sql,
    statements: parsed,
    steps,
    committed: nextStep(migration, steps, begun),
  };
}

function notParsed({ file, name }: Migration, command: string): DsError {
  return new DsError(
    "MIGRATION_REFUSED",
    `${file} cannot be planned: Postgres 18's grammar does not accept it. Nothing was run.`,
    {
      reason: "NOT_PARSED",
      hint: `\`${command}\` names the line and column; where it fails the migration is rolled back`,
      details: { migration: name, file },
    },
  );
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

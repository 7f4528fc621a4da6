import type { Client } from "pg";
import { DsError } from "../../../errors/ds-error.ts";
import { readExtensionStates } from "../../../postgres/io/extensions.ts";
import type { Finding } from "../../findings/finding.ts";
import { type FindingsOn, findFindings } from "../../findings/io/find-findings.ts";
import { readSizes } from "../../findings/io/read-sizes.ts";
import type { TableSize } from "../../findings/table-size.ts";
import type { Migration } from "../../folder/migration.ts";
import { type ParsedMigration, parseMigration } from "../../folder/parsed-migration.ts";
import { compareWithLedger, toRun } from "../../ledger/compare.ts";
import { readLedger } from "../../ledger/io/ledger.ts";
import { nextStep, readSteps } from "../../ledger/io/steps-table.ts";
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
import { LockCatalogue } from "../locks/catalogue.ts";
import { type MigrationPlan, planMigration, tablesOf, withoutNewTables } from "../plan.ts";
import { readLockCatalogue } from "./catalogue.ts";

/** `ds db migrate --plan --json`. */
export interface PlanReport extends LedgerSummary {
  status: "up-to-date" | "pending";
  applied: string[];
  warnings: string[];
  /** That migrations create, or use types of, and that are not there for them. */
  missingExtensions: MissingExtension[];
  plan: MigrationPlan[];
  /** What the rules find in it: the worst first. */
  findings: Finding[];
}

/** What findings rest on; without `against` on this database alone. */
export type PlanWishes = Pick<FindingsOn, "settings" | "where"> &
  Partial<Pick<FindingsOn, "against" | "examples">>;

/** What `migrate` would run, and what that would lock. Changes nothing, takes no lock. */
export async function planMigrations(
  client: Client,
  run: Pick<MigrationRun, "migrations" | "database" | "command">,
  { against = [], examples = true, settings, where }: PlanWishes,
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
  const parsed: ParsedMigration[] = [];
  for (const migration of migrations) {
    const read = await parseMigration(migration, (steps) => nextStep(migration, steps, begun));
    if (read === undefined) throw notParsed(migration, run.command);
    parsed.push(read);
  }
  const whole = parsed.map((one) => planMigration(one, catalogue));
  const wanted = extensionsOf(migrations);
  const extensionStates = wanted.length === 0 ? [] : await readExtensionStates(client, wanted);
  const missing = missingExtensions(migrations, extensionStates);
  const sizes = await readSizes(client, [...new Set(whole.flatMap(tablesOf))]);
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
    findings: await findFindings(client, parsed, {
      against,
      catalogue,
      examples,
      settings,
      where,
    }),
  };
  return { report, sizes };
}

function warningText(missing: MissingExtension): string {
  const { says, fix } = missingText(missing);
  return `${says}. ${fix}`;
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

import { basename, dirname, join } from "node:path";
import type { Client } from "pg";
import type { HasConfig, ProjectConfig } from "../../../config/project-config.ts";
import { shownPath } from "../../../lib/format/shown-path.ts";
import { schemaPatch } from "../../../postgres/schema/patch.ts";
import { patchText } from "../../../postgres/schema/text.ts";
import type { HasConfirm } from "../../../runtime/io/confirm.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasTarget } from "../../../stages/io/target.ts";
import { readSchemaFacts } from "../../findings/io/read-schema.ts";
import { SchemaModel } from "../../findings/model/schema-model.ts";
import { migrationFolder } from "../../folder/io/read-folder.ts";
import { parseMigration } from "../../folder/parsed-migration.ts";
import { nextStep, readSteps } from "../../ledger/io/steps-table.ts";
import { readLockCatalogue } from "../../plan/io/catalogue.ts";
import { type PlanReport, planMigrations } from "../../plan/io/plan.ts";
import { MigrationsFailed } from "../../run/failed.ts";
import { type MigrationRun, migrationRun } from "../../run/io/migration-run.ts";
import { ledgerFailure } from "../../run/io/session.ts";
import {
  migrateCommand,
  migrationTarget,
  type NamedDatabase,
  type TargetFlags,
} from "../../run/io/target.ts";
import type { FixReport } from "../report.ts";
import { type Rewriting, rewriteMigrations } from "../rewrite.ts";
import { fixText } from "../text.ts";
import { readHangers } from "./hangers.ts";
import { neverApplied } from "./never-applied.ts";
import { writeAnew } from "./write-anew.ts";

export interface FixFlags extends TargetFlags {
  /** Also where a table is small. */
  small: boolean;
  yes: boolean;
  /** What a person types for the same again, without --yes. */
  command: string;
  /** Only these migrations. */
  only?: readonly string[];
}

/** What is pending, as it is once it is written anew. */
export interface FixedPlan extends PlanReport {
  fix: FixReport;
}

type Needs = Runtime & HasConfig & HasTarget & HasConfirm;

/** Writes what is pending on a branch, and applied on none, anew the safe way; shows the difference and asks before. */
export async function fixOnTarget(
  context: Needs,
  flags: FixFlags,
): Promise<{ report: FixedPlan; text: string }> {
  try {
    const config = await context.config();
    const database = await migrationTarget(context, flags);
    const command = migrateCommand(flags);
    const run = migrationRun(context, config, database, { command });
    const client = await run.database.connect("ds migrate --plan --fix");
    try {
      return await fix(context, { config, database, run, client, flags });
    } catch (error) {
      throw ledgerFailure(error, "; nothing was run", command);
    } finally {
      await client.end().catch(() => undefined);
    }
  } catch (error) {
    throw MigrationsFailed.from(error);
  }
}

interface Fix {
  config: ProjectConfig;
  database: NamedDatabase;
  run: MigrationRun;
  client: Client;
  flags: FixFlags;
}

async function fix(context: Needs, work: Fix): Promise<{ report: FixedPlan; text: string }> {
  const { client, config, database, flags, run } = work;
  const asked = { settings: config.migrations, where: database.what };
  const { report } = await planMigrations(client, run, asked);
  const rewriting = await rewritten(context, work, report);
  const later = `${config.migrations.folder}.later`;
  const fixed: FixReport = {
    status: rewriting.files.length === 0 ? "nothing" : "written",
    rewrites: rewriting.rewrites,
    left: rewriting.left,
    deployments: rewriting.deployments.map((one) => ({
      ...one,
      file: shownPath(join(later, `${one.name}.sql`), context.cwd),
    })),
    files: rewriting.files.map(({ migration, sql }) => ({
      migration: migration.name,
      file: migration.file,
      diff: schemaPatch(migration.file, migration.sql, sql) ?? "",
    })),
  };
  if (rewriting.files.length === 0)
    return { report: { ...report, fix: fixed }, text: fixText(fixed) };

  for (const { diff } of fixed.files) context.output.note(patchText(diff, context.output.style));
  await context.confirm({
    message: `Write ${fixed.files.map(({ file }) => file).join(", ")} anew?`,
    yes: flags.yes,
    command: `${flags.command} --yes`,
  });
  await writeAnew(context, {
    folder: config.migrations.folder,
    shown: shownPath(config.migrations.folder, context.cwd),
    later: { folder: join(dirname(later), basename(later)), files: rewriting.deployments },
    files: rewriting.files,
    stillPending: () => stillPending(context, work, rewriting),
  });
  const anew = {
    ...run,
    migrations: { ...run.migrations, folder: migrationFolder(config, context.cwd) },
  };
  const { report: after } = await planMigrations(client, anew, asked);
  return { report: { ...after, fix: fixed }, text: fixText(fixed) };
}

async function rewritten(
  context: Needs,
  { client, config, database, flags, run }: Fix,
  { findings, plan }: PlanReport,
): Promise<Rewriting> {
  const { folder, ledger } = run.migrations;
  const pending = plan.flatMap(({ migration }) =>
    folder.migrations.filter(({ name }) => name === migration),
  );
  const elsewhere = await neverApplied(context, config, database, pending);
  const begun = await readSteps(client, ledger);
  const parsed = [];
  for (const migration of pending) {
    const read = await parseMigration(migration, (steps) => nextStep(migration, steps, begun));
    if (read !== undefined) parsed.push(read);
  }
  const schema = new SchemaModel(await readSchemaFacts(client));
  const hangers = await readHangers(client);
  const { only } = flags;
  const isOurs = (name: string) => only === undefined || only.includes(name);
  return rewriteMigrations(parsed, {
    schema,
    catalogue: await readLockCatalogue(client),
    findings: findings.filter(({ migration }) => isOurs(migration)),
    small: flags.small,
    ...hangers,
    untouchable: ({ name }) => elsewhere.get(name),
  });
}

/** Somebody may have applied it while the question was open. */
async function stillPending(
  context: Needs,
  { config, database, run }: Fix,
  { files }: Rewriting,
): Promise<boolean> {
  const migrations = files.map(({ migration }) => migration);
  const client = await run.database.connect("ds migrate --plan --fix");
  try {
    const { report } = await planMigrations(client, run, {
      settings: { ...config.migrations, rules: allOff },
      where: database.what,
    });
    const isPending = new Set(report.plan.map(({ migration }) => migration));
    if (!migrations.every(({ name }) => isPending.has(name))) return false;
  } finally {
    await client.end().catch(() => undefined);
  }
  return (await neverApplied(context, config, database, migrations)).size === 0;
}

/** Nothing is looked for. */
const allOff = {
  "data-loss": "off",
  application: "off",
  data: "off",
  blocking: "off",
  style: "off",
} as const;

import type { AppContext } from "../../app-context.ts";
import type { ProjectConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import { once } from "../../lib/async/once.ts";
import { parseDuration } from "../../lib/format/duration.ts";
import { plural } from "../../lib/format/plural.ts";
import { migrationFolder } from "../../migrations/folder/io/read-folder.ts";
import { LedgerPrefetch } from "../../migrations/ledger/io/prefetch.ts";
import { type RehearsalFlags, refuseContradictions } from "../../migrations/rehearsal/flags.ts";
import {
  failedAfterRehearsal,
  rehearsalBefore,
} from "../../migrations/rehearsal/io/before-migrate.ts";
import { withRehearsal } from "../../migrations/rehearsal/report.ts";
import { noteMigrate } from "../../migrations/run/io/last-migrate.ts";
import { type MigratorOptions, migrate, withReport } from "../../migrations/run/io/migrate.ts";
import { migratorIdentity, migratorOptions } from "../../migrations/run/io/options.ts";
import { applicationName } from "../../migrations/run/io/session.ts";
import { migrationTarget, type NamedDatabase } from "../../migrations/run/io/target.ts";
import { hintOnTarget } from "../../stages/target-hint.ts";

interface Flags extends RehearsalFlags {
  target?: string;
  plan: boolean;
  strict: boolean;
  wait?: string;
}

/**
 * Applies the migrations that the branch of a stage, or the database of a URL, does not have yet.
 *
 * @param refs with --conflicts: what to compare with
 */
export default async function migrateCommand(
  context: AppContext,
  flags: Flags,
  ...refs: string[]
): Promise<void> {
  refuseContradictions(flags, refs);
  if (flags.plan) refuseBesidePlan(flags);
  if (flags.conflicts) {
    const { reportConflicts } = await import("../../migrations/conflicts/io/report.ts");
    return reportConflicts(context, flags.target, refs);
  }
  const waitMs = parseDuration(flags.wait ?? "60s");
  try {
    const config = await context.config();
    const folder = once(async () => migrationFolder(config, context.cwd));
    const early = new LedgerPrefetch({
      applicationName: applicationName(migratorIdentity()),
      ledger: config.migrations,
      waitMs,
      meanwhile: () => folder().catch(() => {}), // Its mistakes come after those of the target.
    });
    try {
      const database = await migrationTarget(context, flags, flags.plan ? undefined : early);
      const wishes = { check: flags.check, strict: flags.strict, waitMs, folder: await folder() };
      const options = migratorOptions(context, config, database, wishes);
      await run(context, config, flags, database, options);
    } finally {
      early.close();
    }
  } catch (error) {
    throw withReport(hintOnTarget(error, flags.target));
  }
}

async function run(
  context: AppContext,
  config: ProjectConfig,
  flags: Flags,
  database: NamedDatabase,
  options: MigratorOptions,
): Promise<void> {
  if (flags.plan) {
    const { showPlan } = await import("../../migrations/plan/io/show-plan.ts");
    return showPlan(context, options, database.what);
  }
  const rehearsal = await rehearsalBefore(context, flags, config, database, options);
  const { schema } = options.ledger;
  const report = await migrate({
    ...options,
    beforeFirst: (client) => noteMigrate(client, schema),
  }).catch((error) => {
    throw failedAfterRehearsal(error, rehearsal);
  });

  const count = options.folder.migrations.length;
  context.output.result(
    { ...withRehearsal(report, rehearsal) },
    report.applied.length === 0
      ? nothingToDo(count, database.what)
      : `Applied ${plural(report.applied.length, "migration")} to ${database.what}.`,
  );
}

function nothingToDo(count: number, what: string): string {
  return count === 0
    ? "Nothing to do: the migrations folder is empty."
    : `Nothing to do: ${plural(count, "migration")} in the folder, all applied to ${what}.`;
}

function refuseBesidePlan({ check, conflicts, rehearse, withLoad }: Flags): void {
  if (!check && !conflicts && !rehearse && !withLoad) return;
  throw new DsError("USAGE", "--plan runs nothing and always ends well, so it stands alone", {
    hint: "Leave out --check, --conflicts, --rehearse and --with-load",
  });
}

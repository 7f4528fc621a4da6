import type { HasConfig } from "../../../config/project-config.ts";
import { connectPostgres } from "../../../postgres/io/connect.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasTarget } from "../../../stages/io/target.ts";
import { MigrationsFailed } from "../../run/failed.ts";
import { migrationRun } from "../../run/io/migration-run.ts";
import { ledgerFailure } from "../../run/io/session.ts";
import { migrateCommand, migrationTarget, type TargetFlags } from "../../run/io/target.ts";
import { planText } from "../plan.ts";
import { type PlanReport, planMigrations } from "./plan.ts";

/** `ds db migrate --plan`: the SQL that would run, with its locks. */
export async function planOnTarget(
  context: Runtime & HasConfig & HasTarget,
  flags: TargetFlags & { strict: boolean; against?: string },
): Promise<{ report: PlanReport; text: string }> {
  try {
    const config = await context.config();
    const database = await migrationTarget(context, flags);
    const command = migrateCommand(flags);
    const run = migrationRun(context, config, database, { strict: flags.strict, command });
    const client = await run.database.connect("ds migrate --plan");
    const against = await otherRows(context, flags.against);
    try {
      const { report, sizes } = await planMigrations(client, run, {
        settings: config.migrations,
        where: database.what,
        against,
      });
      for (const warning of report.warnings) context.output.warn(warning);
      const lines = report.plan.flatMap((plan) => planText(plan, sizes, report.findings));
      return { report, text: lines.join("\n") || `Nothing to do on ${database.what}.` };
    } catch (error) {
      throw ledgerFailure(error, "; nothing was run", command);
    } finally {
      for (const each of [client, ...against.map((other) => other.client)]) {
        await each.end().catch(() => undefined);
      }
    }
  } catch (error) {
    throw MigrationsFailed.from(error);
  }
}

/** The rows of one more stage: only looked at, in transactions that are read-only. */
async function otherRows(context: Runtime & HasTarget, stage: string | undefined) {
  if (stage === undefined) return [];
  const target = await context.target(stage);
  const what = `branch ${target.branch.name}`;
  const options = { what, applicationName: "ds migrate --plan", loopback: target.loopback };
  return [{ client: await connectPostgres(await target.connectionUrl(), options), where: what }];
}

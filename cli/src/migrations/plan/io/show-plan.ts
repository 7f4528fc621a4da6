import type { Runtime } from "../../../runtime/runtime.ts";
import type { MigratorOptions } from "../../run/io/migrate.ts";
import { ledgerFailure } from "../../run/io/session.ts";
import { planText } from "../plan.ts";
import { planMigrations } from "./plan.ts";

/** `ds db migrate --plan`: the SQL that would run, with its locks. */
export async function showPlan(
  { output }: Pick<Runtime, "output">,
  options: MigratorOptions,
  what: string,
): Promise<void> {
  const client = await options.connect("ds migrate --plan");
  try {
    const { report, sizes } = await planMigrations(client, options);
    for (const warning of report.warnings) output.warn(warning);
    output.result(
      { ...report },
      report.plan.length === 0
        ? `Nothing to do on ${what}.`
        : report.plan.flatMap((plan) => planText(plan, sizes)).join("\n"),
    );
  } catch (error) {
    throw ledgerFailure(error, "; nothing was run");
  } finally {
    await client.end().catch(() => undefined);
  }
}

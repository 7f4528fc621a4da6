import { begunUnedited } from "../../ledger/io/begun.ts";
import { readSteps } from "../../ledger/io/steps-table.ts";
import type { MigrationCheck } from "../failed.ts";
import type { MigrationRun } from "./migration-run.ts";
import { withPending } from "./pending.ts";

/** What a run would apply, or the refusal that it would meet. Changes nothing, takes no lock. */
export async function checkMigrations(run: MigrationRun): Promise<MigrationCheck> {
  const { ledger, policy } = run.migrations;
  const toRun: string[] = [];
  // To look at late migrations is allowed where running them is not.
  const looking = { ...policy, allowLate: true };
  const report = await withPending(run, looking, async ({ client, migrations }, report) => {
    report.begun = await begunUnedited(migrations, await readSteps(client, ledger));
    report.status = "pending";
    toRun.push(...migrations.map(({ name }) => name));
  });
  return { report, toRun, refused: policy.allowLate ? [] : report.late };
}

import type { EphemeralPurpose } from "../../../branches/ephemeral-name.ts";
import { withEphemeralBranch } from "../../../branches/io/ephemeral.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import { withPostgres } from "../../../postgres/io/connect.ts";
import { withoutOwnObjects } from "../../../postgres/schema/own-objects.ts";
import type { Output } from "../../../runtime/output.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Target } from "../../../stages/io/target.ts";
import { SqlFailed } from "../../failure/sql-failure.ts";
import type { MigrationFolder } from "../../folder/migration.ts";
import type { LedgerName } from "../../ledger/ledger-name.ts";
import { eventText, type MigrationObserver } from "../../run/event.ts";
import { MigrationsFailed } from "../../run/failed.ts";
import { migrate } from "../../run/io/migrate.ts";
import { knownDatabase } from "../../run/io/migration-run.ts";
import type { Outcome } from "../conflicts.ts";
import { watchRows } from "./compare-rows.ts";

/** Nobody else is on an ephemeral branch: milliseconds that are never needed. */
const lockWait = 60_000;

/** Migrations to be tried out on a copy. */
export interface Trial {
  /** Of which branch. */
  target: Target;
  ledger: LedgerName;
  purpose: EphemeralPurpose;
}

/** Runs a folder's migrations, in its order, on a copy of the target; what the copy then looks like. */
export async function applyInOrder(
  context: Runtime & HasNeon & HasEngine,
  { target, ledger, purpose }: Trial,
  folder: MigrationFolder,
): Promise<Outcome> {
  return withEphemeralBranch(context, target, purpose, async ({ id, name, url }) => {
    const what = `throwaway branch ${name}`;
    return withPostgres(url, { what, applicationName: `ds ${purpose}` }, async (observer) => {
      const rowsWritten = await watchRows(observer, ledger);
      try {
        await migrate({
          migrations: { folder, ledger, policy: { allowLate: true, strict: false, trial: true } },
          database: knownDatabase(url, { what, who: purpose }),
          lockWait: { milliseconds: lockWait, signal: context.signal },
          observe: showDetails(context.output),
          changes: context.output.changes,
          command: "ds db migrate",
        });
      } catch (error) {
        if (!(error instanceof MigrationsFailed) || !(error.failure instanceof SqlFailed))
          throw error;
        const { headline, migration } = error.failure;
        return { ok: false, migration, message: headline };
      }
      const { database } = await target.login();
      const api = await context.neon();
      return {
        ok: true,
        schema: withoutOwnObjects(await api.schema(target.project.id, { id, name }, database)),
        rows: await rowsWritten(),
      };
    });
  });
}

/** What happens on a copy is for who asks for details. */
function showDetails(output: Output): MigrationObserver {
  return (event) => {
    const isQuiet = ["applied", "warned", "noticed"].includes(event.kind);
    if (!isQuiet) output.detail(eventText(event));
  };
}

import type { EphemeralPurpose } from "../../../branches/ephemeral-name.ts";
import { withEphemeralBranch } from "../../../branches/io/ephemeral.ts";
import type { ProjectConfig } from "../../../config/project-config.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { DsError } from "../../../errors/ds-error.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import { connectPostgres, withPostgres } from "../../../postgres/io/connect.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Target } from "../../../stages/io/target.ts";
import type { MigrationFolder } from "../../folder/migration.ts";
import { migrate } from "../../run/io/migrate.ts";
import type { Outcome } from "../conflicts.ts";
import { watchRows } from "./compare-rows.ts";

/** Nobody else is on a throwaway branch: milliseconds that are never needed. */
const lockWait = 60_000;

/** Runs a folder's migrations, in its order, on a copy of the target; what the copy then looks like. */
export async function applyInOrder(
  context: Runtime & HasNeon & HasEngine,
  target: Target,
  config: ProjectConfig,
  purpose: EphemeralPurpose,
  folder: MigrationFolder,
): Promise<Outcome> {
  return withEphemeralBranch(context, target, purpose, async ({ id, name, url }) => {
    const { schema, table } = config.migrations;
    const ledger = { schema, table };
    const what = `throwaway branch ${name}`;
    return withPostgres(url, { what, applicationName: `ds ${purpose}` }, async (observer) => {
      const rowsWritten = await watchRows(observer, ledger);
      try {
        await migrate({
          folder,
          ledger,
          connect: (applicationName) => connectPostgres(url, { what, applicationName }),
          policy: { allowLate: true, strict: false },
          check: false,
          wait: lockWait,
          signal: context.signal,
          who: purpose,
          onNote: (text) => context.output.detail(text),
          onWarning: () => {},
          onApplied: () => {},
        });
      } catch (error) {
        if (!(error instanceof DsError) || error.code !== "SQL_FAILED") throw error;
        const [message = ""] = error.message.split("\n");
        return { ok: false, migration: String(error.details.migration), message };
      }
      const { database } = await target.login();
      const api = await context.neon();
      return {
        ok: true,
        schema: await api.schema(target.project.id, { id, name }, database),
        rows: await rowsWritten(),
      };
    });
  });
}

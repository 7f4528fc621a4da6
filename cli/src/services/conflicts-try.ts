import type { ProjectConfig } from "../config.ts";
import type { Context } from "../context.ts";
import type { Outcome } from "../core/conflicts.ts";
import type { MigrationFolder } from "../core/migrations.ts";
import type { ThrowawayPurpose } from "../core/rehearsal-branch.ts";
import { DsError } from "../errors.ts";
import { migrate } from "./migrator.ts";
import { migratorFor } from "./migrator-for.ts";
import { withThrowaway } from "./rehearsal-branch.ts";
import type { Target } from "./target.ts";

/** Runs a folder's migrations, in its order, on a copy of the target; what the copy then looks like. */
export async function tryOut(
  context: Context,
  target: Target,
  config: ProjectConfig,
  purpose: ThrowawayPurpose,
  folder: MigrationFolder,
): Promise<Outcome> {
  return withThrowaway(context, target, purpose, async ({ id, name, url }) => {
    const what = `throwaway branch ${name}`;
    const options = migratorFor(context, config, { url, what, shared: false });
    try {
      await migrate({
        ...options,
        folder,
        policy: { allowLate: true, strict: false },
        onWarning: () => {},
        onApplied: () => {},
      });
    } catch (error) {
      if (!(error instanceof DsError) || error.code !== "SQL_FAILED") throw error;
      const [message = ""] = error.message.split("\n");
      return { ok: false, migration: String(error.details.migration), message };
    }
    const { database } = await target.login();
    const schema = await (await context.neon()).schema(target.project.id, { id, name }, database);
    return { ok: true, schema };
  });
}

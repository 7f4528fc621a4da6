import type { Context } from "../../context.ts";
import { parseDuration } from "../../core/duration.ts";
import { plural } from "../../core/plural.ts";
import { DsError } from "../../errors.ts";
import { noteMigrate } from "../../services/migrate-note.ts";
import { migrate } from "../../services/migrator.ts";
import { type MigrationTarget, migratorFor } from "../../services/migrator-for.ts";
import {
  type RehearsalFlags,
  refuseContradictions,
  rehearsalBefore,
  withRehearsal,
} from "../../services/rehearsal-flags.ts";
import type { Target } from "../../services/target.ts";

interface Flags extends RehearsalFlags {
  target?: string;
  strict: boolean;
  wait?: string;
}

/**
 * Applies the migrations that the branch of a stage, or the database of a URL, does not have yet.
 *
 * @param refs with --conflicts: what to compare with
 */
export default async function migrateCommand(
  context: Context,
  flags: Flags,
  ...refs: string[]
): Promise<void> {
  refuseContradictions(flags, refs);
  if (flags.conflicts) {
    const { reportConflicts } = await import("../../services/conflicts-command.ts");
    return reportConflicts(context, flags.target, refs);
  }
  if (flags.db !== undefined && flags.target !== undefined) {
    throw new DsError("USAGE", "--db and --target both name a database", { hint: "Leave one out" });
  }
  const waitMs = parseDuration(flags.wait ?? "60s");
  const config = await context.config();
  const database = flags.db === undefined ? await ofStage(context, flags.target) : ofUrl(flags.db);
  const { check, strict } = flags;
  const options = migratorFor(context, config, database, { check, strict, waitMs });
  const rehearsal = await rehearsalBefore(context, flags, config, database, options);
  const { schema } = options.ledger;
  const report = await migrate({
    ...options,
    beforeFirst: (client) => noteMigrate(client, schema),
  }).catch((error) => {
    throw withRehearsal(error, rehearsal);
  });

  const count = options.folder.migrations.length;
  context.output.result(
    { ...report, ...(rehearsal === undefined ? {} : { rehearsal }) },
    report.applied.length === 0
      ? `Nothing to do: ${plural(count, "migration")} in the folder, all applied to ${database.what}.`
      : `Applied ${plural(report.applied.length, "migration")} to ${database.what}.`,
  );
}

/** `target`: where it was named by a stage. */
type Database = MigrationTarget & { target?: Target };

async function ofStage(context: Context, name: string | undefined): Promise<Database> {
  const target = await context.target(name);
  const { stage, branch } = target;
  context.output.note(`stage ${stage.name}, branch ${branch.name} (${branch.id})`);
  return {
    url: await target.connectionUrl(),
    what: `branch ${branch.name}`,
    shared: stage.kind === "shared" || branch.protected || branch.default,
    target,
  };
}

function ofUrl(url: string): Database {
  return { url, what: "the database", shared: false };
}

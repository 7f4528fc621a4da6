import type { AppContext } from "../../app-context.ts";
import { plural } from "../../lib/format/plural.ts";
import { baseline } from "../../migrations/resolve/io/resolve.ts";
import { migratorOptions } from "../../migrations/run/io/options.ts";
import {
  confirmLedgerChange,
  migrationTarget,
  type TargetFlags,
  targetWords,
} from "../../migrations/run/io/target.ts";

interface Flags extends TargetFlags {
  to?: string;
  yes: boolean;
}

/** Takes a database that predates the migrations folder into it: records migrations, runs none. */
export default async function baselineCommand(context: AppContext, flags: Flags): Promise<void> {
  const config = await context.config();
  const database = await migrationTarget(context, flags);
  const options = migratorOptions(context, config, database);
  const to = flags.to === undefined ? "" : ` --to ${flags.to}`;
  const command = `ds db baseline${to}${targetWords(flags)}`;
  const recorded = await baseline(options, flags.to, (migrations, tables) =>
    confirmLedgerChange(context, database, {
      message:
        `record ${plural(migrations.length, "migration")} up to ${migrations.at(-1)?.name} as applied, ` +
        `without running them, on ${database.what}, which has ${plural(tables, "table")}?`,
      yes: flags.yes,
      command,
    }),
  );
  const left = options.folder.migrations.length - recorded.length;
  context.output.result(
    { status: "baselined", recorded: recorded.map(({ name }) => name), pending: left },
    `${plural(recorded.length, "migration")} up to ${recorded.at(-1)?.name} recorded as applied on ` +
      `${database.what}, none was run; ${left} pending.`,
  );
}

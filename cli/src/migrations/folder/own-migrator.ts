import type { Migrator } from "../../config/migrator.ts";
import { DsError } from "../../errors/ds-error.ts";

/** Refuses what only Drizzle's migrations can be asked for, where they are another tool's or there are none. */
export function requireOwnMigrator(migrator: Migrator): void {
  if (migrator.kind === "drizzle") return;
  throw migrator.kind === "command" ? ofOtherTool(migrator.command) : noMigrations(migrator);
}

export function ofOtherTool(command: string, what = "this"): DsError {
  return new DsError(
    "USAGE",
    `migrations are applied by \`${command}\` here, so ${what} is not for ds to do`,
    {
      reason: "MIGRATIONS_OF_OTHER_TOOL",
      hint: "Use the tool itself. ds runs its command (migrations.command in ds.config.ts) with: ds db migrate",
      details: { command },
    },
  );
}

export function noMigrations({ onPurpose }: { onPurpose: boolean }): DsError {
  return onPurpose
    ? new DsError("USAGE", "ds runs no migrations here: ds.config.ts has `migrations: false`", {
        reason: "NO_MIGRATIONS",
        hint: 'To have them run, name their folder, or the command of their tool: migrations: { command: "…" }',
      })
    : new DsError(
        "USAGE",
        "there are no migrations here: no ds.config.ts, and no Drizzle project",
        {
          reason: "NO_MIGRATIONS",
          hint: "Write a ds.config.ts that says where they are, or how they are applied: ds init",
        },
      );
}

import type { Migrator } from "../config/migrator.ts";
import type { MigrationReport } from "../migrations/run/report.ts";

/** How to go on with migrations. */
export function migrateHints(migrator: Migrator, status: MigrationReport["status"]): string[] {
  if (migrator.kind === "none") {
    return migrator.onPurpose
      ? []
      : ["  ds init               write a ds.config.ts that says how migrations are applied"];
  }
  if (status === "none") {
    return [
      "  ds db generate        write the first migration",
      "  ds db migrate         apply it to this branch; to main: --target main",
    ];
  }
  return ["  ds db migrate         apply new migrations to it"];
}

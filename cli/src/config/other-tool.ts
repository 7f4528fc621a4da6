import { DsError } from "../errors/ds-error.ts";
import { type MigrationTool, migrationsLine } from "./migration-tools.ts";

/** What to write where there is a ds.config.ts; `ds init` writes none over it. */
export function lineToWrite(tool: MigrationTool): string {
  return tool.command === undefined
    ? `Write in ds.config.ts: migrations: { command: "…" } with the command that applies them, or migrations: false, so that ds runs none`
    : `Write in ds.config.ts: ${migrationsLine(tool)}`;
}

/** A project of another tool's that ds has not been told how to migrate. */
export function otherToolFound(
  { tool, by }: { tool: MigrationTool; by: string },
  reason: "FOLDER_OF_OTHER_TOOL" | "NO_CONFIG" = "FOLDER_OF_OTHER_TOOL",
): DsError {
  return new DsError(
    "CONFIG_INVALID",
    `the migrations here are ${tool.name}'s (${by}), and ds.config.ts does not say how to apply them`,
    {
      reason,
      hint:
        reason === "NO_CONFIG"
          ? `Write a ds.config.ts that does: ds init (it proposes ${migrationsLine(tool)})`
          : lineToWrite(tool),
      details: { tool: tool.name },
    },
  );
}

import { DsError } from "../errors/ds-error.ts";
import { type MigrationTool, migrationsLine } from "./migration-tools.ts";

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
          : `Add it to ds.config.ts: ${migrationsLine(tool)}`,
      details: { tool: tool.name },
    },
  );
}

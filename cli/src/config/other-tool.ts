import { DsError } from "../errors/ds-error.ts";
import { type MigrationTool, migrationsLine } from "./migration-tools.ts";

/** What to write where there is a ds.config.ts; `ds init` writes none over it. */
export function lineToWrite(tool: MigrationTool): string {
  return tool.command === undefined
    ? `Write in ds.config.ts: migrations: { command: "…" } with the command that applies them, or migrations: false, so that ds runs none`
    : `Write in ds.config.ts: ${migrationsLine(tool)}`;
}

/** A project of another tool's that ds has not been told how to migrate; `missing` is the folder that ds.config.ts names. */
export function otherToolFound(
  { tool, by }: { tool: MigrationTool; by: string },
  missing?: string,
): DsError {
  const [message, reason, hint] =
    missing === undefined
      ? ([
          `the migrations here are ${tool.name}'s (${by}), and there is no ds.config.ts that says how to apply them`,
          "NO_CONFIG",
          `Write one: ds init (it proposes ${migrationsLine(tool)})`,
        ] as const)
      : ([
          `there is no migrations folder at ${missing}, but there are migrations of ${tool.name}'s (${by})`,
          "FOLDER_OF_OTHER_TOOL",
          `${lineToWrite(tool)}. If they are not this database's, make the folder: mkdir -p ${missing}`,
        ] as const);
  return new DsError("CONFIG_INVALID", message, { reason, hint, details: { tool: tool.name } });
}

import { findToolBelow } from "../../config/io/find-tool.ts";
import { otherToolFound } from "../../config/other-tool.ts";
import type { ProjectConfig } from "../../config/project-config.ts";
import { plural } from "../../lib/format/plural.ts";
import { shownPath } from "../../lib/format/shown-path.ts";
import { folderIfThere } from "../../migrations/run/io/apply.ts";
import type { Runtime } from "../../runtime/runtime.ts";

/**
 * Refuses a folder that is in disorder, and a project whose migrations another tool keeps while ds.config.ts does not
 * say so. That there are none yet is no reason to stop.
 */
export function lookForMigrations(
  { cwd, output }: Pick<Runtime, "cwd" | "output">,
  config: ProjectConfig,
): void {
  const { migrations, migrator, root } = config;
  if (migrator.kind === "command") output.detail(`migrations are applied by ${migrator.command}`);
  if (migrator.kind !== "drizzle") return;
  const folder = folderIfThere({ cwd }, config);
  const shown = shownPath(migrations.folder, cwd);
  if (folder !== undefined) {
    output.detail(`${plural(folder.migrations.length, "migration")} in ${shown}`);
    return;
  }
  const found = findToolBelow(root);
  if (found !== undefined) throw otherToolFound(found, shown);
  output.warn(`there is no migrations folder at ${shown} yet: main is made without any`);
}

import { type EngineError, unprocessable } from "../lib/engine-error.ts";
import { mergeSettings, projectSettings } from "../model/project-settings.ts";
import type { ProjectRecord } from "../model/records.ts";

type Settings = ProjectRecord["settings"];

/** What a project's settings can be changed to, or begin as where there is no project yet. */
export function refuseSettings(
  change: Settings | undefined,
  preloadable: readonly string[],
  project: Pick<ProjectRecord, "settings"> = { settings: {} },
): EngineError | undefined {
  const before = projectSettings(project);
  const after = projectSettings({ settings: mergeSettings(project.settings, change) });
  if (before.enable_logical_replication && !after.enable_logical_replication) {
    return unprocessable(
      "LOGICAL_REPLICATION_PERMANENT",
      "logical replication cannot be disabled again: publications and slots rely on it",
    );
  }
  const unknown = after.preload_libraries?.enabled_libraries?.find(
    (name) => !preloadable.includes(name),
  );
  if (unknown === undefined) return undefined;
  return unprocessable(
    "PRELOAD_LIBRARY_UNKNOWN",
    `a library of preload_libraries is not available here; those that are: ${preloadable.join(", ")}`,
  );
}

/** Which versions of Postgres a project can have. */
export function refuseVersion(wanted: number, there: readonly number[]): EngineError | undefined {
  if (there.includes(wanted)) return undefined;
  return unprocessable(
    "PG_VERSION_UNSUPPORTED",
    `this engine has PostgreSQL ${there.join(", ")}; for ${wanted}, name where it is installed: ds engine postgres add ${wanted} <bin directory>`,
  );
}

/** Whether a change counts only for a Postgres that is started after it. */
export function needsRestart(before: ProjectRecord, after: ProjectRecord): boolean {
  const atStart = (project: ProjectRecord) => {
    const { enable_logical_replication, preload_libraries } = projectSettings(project);
    return JSON.stringify([enable_logical_replication, preload_libraries]);
  };
  return atStart(before) !== atStart(after);
}

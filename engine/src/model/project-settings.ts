import type { ProjectRecord } from "./records.ts";

/** A project's settings in the API's own shape (ProjectSettingsData). */
interface ProjectSettings {
  allowed_ips: { ips: string[]; protected_branches_only: boolean };
  enable_logical_replication: boolean;
  block_public_connections: boolean;
  block_vpc_connections: boolean;
  maintenance_window: { weekdays: number[]; start_time: string; end_time: string };
  preload_libraries?: { use_defaults?: boolean; enabled_libraries?: string[] };
}

/** What the cloud answers of a project for which nothing was chosen. */
const defaults: ProjectSettings = {
  allowed_ips: { ips: [], protected_branches_only: false },
  enable_logical_replication: false,
  block_public_connections: false,
  block_vpc_connections: false,
  maintenance_window: { weekdays: [7], start_time: "02:00", end_time: "03:00" },
};

/** All settings of a project: what clients have set, and else the defaults. */
export function projectSettings({ settings }: Pick<ProjectRecord, "settings">): ProjectSettings {
  return mergeSettings({ ...defaults }, settings) as unknown as ProjectSettings;
}

/** Of settings that are objects, a change may name a part; the rest stays. */
export function mergeSettings(
  settings: Record<string, unknown>,
  change: Record<string, unknown> = {},
): Record<string, unknown> {
  const merged = { ...settings };
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined) continue;
    const before = merged[name];
    merged[name] = isObject(before) && isObject(value) ? mergeSettings(before, value) : value;
  }
  return merged;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

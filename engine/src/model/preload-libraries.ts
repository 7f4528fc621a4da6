/** Libraries that a project may have Postgres load at its start; the first as on Neon without being asked. */
export const preloadLibraries = [
  {
    name: "pg_stat_statements",
    description: "Tracks planning and execution statistics of all SQL statements executed",
    isDefault: true,
  },
  {
    name: "auto_explain",
    description: "Logs execution plans of slow statements automatically",
    isDefault: false,
  },
  {
    name: "pg_prewarm",
    description: "Loads what was in the buffer cache again after a restart",
    isDefault: false,
  },
] as const;

interface Wanted {
  use_defaults?: boolean | undefined;
  enabled_libraries?: string[] | undefined;
}

/** What a project's `preload_libraries` come to. */
export function librariesOf({
  use_defaults = true,
  enabled_libraries = [],
}: Wanted = {}): string[] {
  const defaults = preloadLibraries.filter(({ isDefault }) => isDefault && use_defaults);
  return [...new Set([...defaults.map(({ name }) => name), ...enabled_libraries])];
}

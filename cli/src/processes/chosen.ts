import type { ProjectConfig } from "../config/project-config.ts";
import { DsError } from "../errors/ds-error.ts";

/** The named one of the configured processes, or all of them. */
export function chosenProcesses(
  { processes }: Pick<ProjectConfig, "processes">,
  name: string | undefined,
): string[] {
  const known = Object.keys(processes);
  if (known.length === 0) {
    throw new DsError("CONFIG_INVALID", "ds.config.ts configures no processes", {
      hint: 'Add one: processes: { backend: { command: "npm run dev", port: 3000 } }',
    });
  }
  if (name === undefined) return known;
  if (known.includes(name)) return [name];
  throw new DsError("USAGE", `there is no process "${name}" in ds.config.ts`, {
    hint: `There ${known.length === 1 ? "is" : "are"}: ${known.join(", ")}`,
  });
}

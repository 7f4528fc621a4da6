import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type MigrationTool, migrationTools, toolOfFolder } from "../migration-tools.ts";

export interface FoundTool {
  tool: MigrationTool;
  /** What it was recognised by, relative to the folder that was looked at. */
  by: string;
}

/** Where migrations usually lie, for tools that nothing else tells. */
const usualFolders = ["migrations", "db/migrations", "db/migrate", "sql/migrations", "sql"];

/** The tool whose project a folder is, if it is another one's than Drizzle's. */
export function findMigrationTool(folder: string): FoundTool | undefined {
  const dependencies = dependenciesOf(folder);
  for (const tool of migrationTools) {
    const [sign] = tool.signs.flatMap((path) => pathOf(folder, path) ?? []);
    if (sign !== undefined) return { tool, by: sign };
    if (tool.dependency !== undefined && dependencies.has(tool.dependency)) {
      return { tool, by: `${tool.dependency} in package.json` };
    }
  }
  for (const by of usualFolders) {
    const tool = toolInFolder(join(folder, by));
    if (tool !== undefined) return { tool, by };
  }
  return undefined;
}

/** The tool whose migrations lie in a folder that would otherwise count as Drizzle's. */
export function toolInFolder(folder: string): MigrationTool | undefined {
  return toolOfFolder(namesIn(folder));
}

/** What of a sign is there, such as `knexfile.ts` of `knexfile.*`. */
function pathOf(folder: string, sign: string): string | undefined {
  if (!sign.endsWith("*")) return existsSync(join(folder, sign)) ? sign : undefined;
  const start = basename(sign).slice(0, -1);
  const name = namesIn(join(folder, dirname(sign))).find((each) => each.startsWith(start));
  return name === undefined ? undefined : join(dirname(sign), name);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function dependenciesOf(folder: string): Set<string> {
  try {
    const { dependencies, devDependencies } = JSON.parse(
      readFileSync(join(folder, "package.json"), "utf8"),
    ) as Record<string, object | undefined>;
    return new Set(Object.keys({ ...dependencies, ...devDependencies }));
  } catch {
    return new Set();
  }
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { readHead } from "../../lib/io/regular-file.ts";
import {
  type MigrationTool,
  migrationTools,
  toolOfFolder,
  toolOfHeads,
} from "../migration-tools.ts";

export interface FoundTool {
  tool: MigrationTool;
  /** What it was recognised by, relative to the folder that was looked at. */
  by: string;
}

/** Where migrations usually lie, for tools that nothing else tells. */
const usualFolders = [
  ...["migrations", "db/migrations", "db/migrate", "db/migration", "sql/migrations", "sql"],
  ...["database/migrations", "priv/repo/migrations", "db/changelog", "src/migrations"],
];

/** Folders that hold no project of this database's. */
const passedOver =
  /^(\.|(node_modules|vendor|dist|build|target|venv|examples?|fixtures|tests?|docs|e2e)$)/i;

/** So many folders below a project are looked at, and so many files of a folder of migrations. */
const most = { folders: 200, files: 3 };

/** The tool whose project a folder is, or has one or two levels down; its command runs there. */
export function findToolBelow(root: string): FoundTool | undefined {
  for (const folder of ["", ...foldersBelow(root)]) {
    const found = findMigrationTool(join(root, folder));
    if (found === undefined) continue;
    const tool = folder === "" ? found.tool : { ...found.tool, cwd: folder };
    return { tool, by: join(folder, found.by) };
  }
  return undefined;
}

/** One and two levels down, the nearer first. */
export function foldersBelow(root: string): string[] {
  const first = foldersIn(root, "").slice(0, most.folders);
  const second = first.flatMap((folder) => foldersIn(root, folder));
  return [...first, ...second].slice(0, most.folders);
}

function foldersIn(root: string, folder: string): string[] {
  try {
    return readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !passedOver.test(entry.name))
      .map(({ name }) => join(folder, name))
      .sort();
  } catch {
    return [];
  }
}

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
    const tool = toolInFolder(join(folder, by), dependencies);
    const command = tool?.commandFor?.(by);
    if (tool !== undefined)
      return { tool: command ? { ...tool, command, check: undefined } : tool, by };
  }
  return undefined;
}

/** The tool whose migrations lie in a folder. */
export function toolInFolder(
  folder: string,
  packages?: ReadonlySet<string>,
): MigrationTool | undefined {
  const names = namesIn(folder);
  const files = names.filter((name) => name.endsWith(".sql")).sort();
  const heads = () =>
    files.slice(0, most.files).flatMap((name) => readHead(join(folder, name)) ?? []);
  return toolOfFolder(names, packages) ?? toolOfHeads(names.includes("meta") ? [] : heads());
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

import { type Dirent, existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { toolOfFolder } from "../../../config/migration-tools.ts";
import { lineToWrite } from "../../../config/other-tool.ts";
import type { ProjectConfig } from "../../../config/project-config.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { shownPath } from "../../../lib/format/shown-path.ts";
import { readRegularFile } from "../../../lib/io/regular-file.ts";
import type { MigrationFolder } from "../migration.ts";
import { requireOwnMigrator } from "../own-migrator.ts";
import { type FolderListing, parseFolder } from "../parse-folder.ts";
import type { Snapshot } from "../snapshots.ts";

/** The project's own. */
export function migrationFolder(
  { file, migrations, migrator }: ProjectConfig,
  cwd: string,
): MigrationFolder {
  requireOwnMigrator(migrator);
  return readMigrationFolder(
    migrations.folder,
    shownPath(migrations.folder, cwd),
    file !== undefined,
  );
}

/**
 * Reads a migrations folder of either format. Synchronous: a few dozen small files are read faster
 * than promises for them are made.
 *
 * @param directory where it is
 * @param shownAs how messages name it, usually relative to the checkout
 * @param hasConfig whether there is a ds.config.ts to name another tool in
 */
export function readMigrationFolder(
  directory: string,
  shownAs: string,
  hasConfig = true,
): MigrationFolder {
  const listing: FolderListing = { path: shownAs, journal: undefined, sql: new Map(), folders: [] };
  const entries = list(directory, shownAs);
  refuseOtherTool(entries, shownAs, hasConfig);
  for (const entry of entries) {
    const path = join(directory, entry.name);
    const isDirectory = isDirectoryAt(entry, path);
    if (entry.name === "meta" && isDirectory) {
      listing.journal = readRegularFile(join(path, "_journal.json"))?.toString("utf8");
    } else if (isDirectory) {
      const sql = readRegularFile(join(path, "migration.sql"));
      if (sql !== undefined) listing.sql.set(`${entry.name}/migration.sql`, sql);
      // Git leaves an empty folder behind when a branch is left; that is not a broken migration.
      const looksLikeOne = /^\d{14}(?:_|$)/.test(entry.name);
      if (sql !== undefined || (looksLikeOne && readdirSync(path).length > 0)) {
        listing.folders.push(entry.name);
      }
    } else if (entry.name.endsWith(".sql")) {
      const sql = readRegularFile(path);
      if (sql !== undefined) listing.sql.set(entry.name, sql);
    }
  }
  return { ...parseFolder(listing), snapshots: () => readSnapshots(directory) };
}

/** Folders of other tools may look like Drizzle's: Prisma's has the same files. */
function refuseOtherTool(entries: readonly Dirent[], shownAs: string, hasConfig: boolean): void {
  const tool = toolOfFolder(entries.map(({ name }) => name));
  if (tool === undefined) return;
  throw new DsError(
    "MIGRATION_REFUSED",
    `the migrations in ${shownAs} are ${tool.name}'s, not Drizzle's. Nothing was run.`,
    {
      reason: "FOLDER_OF_OTHER_TOOL",
      hint: hasConfig ? lineToWrite(tool) : "Write a ds.config.ts that has ds run it: ds init",
      details: { tool: tool.name },
    },
  );
}

/** Of both formats; a file that is none is not ours to judge. */
function readSnapshots(folder: string): Snapshot[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    /(?:^|[\\/])(?:\d+_)?snapshot\.json$/.test(file),
  );
  return files.sort().flatMap((file) => {
    try {
      const text = readRegularFile(join(folder, file))?.toString("utf8") ?? "";
      const { id, prevId, prevIds } = JSON.parse(text);
      return typeof id === "string" ? [{ file, id, parents: prevIds ?? [prevId] }] : [];
    } catch (error) {
      if (error instanceof DsError) throw error;
      return [];
    }
  });
}

function list(directory: string, shownAs: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (!isAbsent(error)) throw error;
    throw new DsError("CONFIG_INVALID", `there is no migrations folder at ${shownAs}`, {
      reason: "FOLDER_MISSING",
      hint: "Name it in ds.config.ts (migrations.folder), or generate the first migration.",
      cause: error,
    });
  }
}

/** Also where a link leads to one, which Drizzle follows. */
function isDirectoryAt(entry: Dirent, path: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isAbsent(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ENOTDIR";
}

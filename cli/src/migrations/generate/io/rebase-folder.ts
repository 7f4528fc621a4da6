import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Files, isGenerated } from "../rebase.ts";

/** Where the folder's state before lies until the work has succeeded. */
const backupOf = (folder: string) => join(dirname(folder), `.ds-rebase-backup-${basename(folder)}`);

/** Puts back what a killed rebase had begun to change; true when there was something. */
export async function restoreBackup(folder: string): Promise<boolean> {
  const backup = backupOf(folder);
  await rm(`${backup}.new`, { recursive: true, force: true });
  if (!(await exists(backup))) return false;
  await rm(folder, { recursive: true, force: true });
  await rename(backup, folder);
  return true;
}

/** Works on the folder; when that fails, the folder is as it was. */
export async function withFolderRollback<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const backup = backupOf(folder);
  await cp(folder, `${backup}.new`, { recursive: true, preserveTimestamps: true });
  // Only a complete copy has the name that a later run believes in.
  await rename(`${backup}.new`, backup);
  try {
    const value = await work();
    await rm(backup, { recursive: true });
    return value;
  } catch (error) {
    await restoreBackup(folder);
    throw error;
  }
}

/** Makes the generated part of the folder what the other side has. */
export async function replaceGenerated(
  folder: string,
  own: ReadonlySet<string>,
  kept: Files,
): Promise<void> {
  for (const name of (await readFiles(folder)).keys()) {
    if (isGenerated(name, own)) await rm(join(folder, name));
  }
  for (const [name, bytes] of kept) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
}

export async function readFiles(folder: string): Promise<Map<string, Uint8Array>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, Uint8Array>();
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(folder.length + 1).replaceAll("\\", "/"), await readFile(path));
  }
  return files;
}

async function exists(path: string): Promise<boolean> {
  return readdir(path).then(
    () => true,
    () => false,
  );
}

import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rename, rm, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** What `writeFileAtomic` leaves behind only when it is killed. */
export const isTemporary = (name: string) => name.startsWith(".") && name.endsWith(".tmp");

/**
 * Replaces a file in one move: readers see the old text or the new one, and after a power cut the
 * disk has one of them whole.
 */
export async function writeFileAtomic(path: string, text: string, mode = 0o600): Promise<void> {
  const prepared = await prepareFile(path, text, mode);
  try {
    await prepared.rename();
  } catch (error) {
    await prepared.drop();
    throw error;
  }
  await syncDirectory(dirname(path));
}

export interface PreparedFile {
  /** Makes the file appear; needs no space for its contents any more. */
  rename(): Promise<void>;
  drop(): Promise<void>;
}

/** The first half of `writeFileAtomic`, in which a full disk shows: nothing has changed yet. */
export async function prepareFile(path: string, text: string, mode = 0o600): Promise<PreparedFile> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  const drop = () => rm(temporary, { force: true });
  try {
    const file = await open(temporary, "wx", mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await drop();
    throw error;
  }
  return { rename: () => rename(temporary, path), drop };
}

export async function removeFile(path: string): Promise<void> {
  await unlinkIfThere(path);
  await syncDirectory(dirname(path));
}

export async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Makes renames and removals inside a directory survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  let directory: FileHandle;
  try {
    directory = await open(path, constants.O_RDONLY);
  } catch (error) {
    // Windows cannot open directories; its file systems journal renames by themselves.
    if (process.platform === "win32") return;
    throw error;
  }
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** The parsed file, or undefined when there is none. */
export async function readJson<T>(path: string): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  return JSON.parse(text) as T;
}

export async function makeDirectory(path: string, mode: number): Promise<void> {
  await mkdir(path, { recursive: true, mode });
}

/** False only when the path is certainly not there; what cannot be looked at counts as there. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error) => !isMissing(error),
  );
}

export function isMissing(error: unknown): boolean {
  return errnoOf(error) === "ENOENT";
}

export function errnoOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

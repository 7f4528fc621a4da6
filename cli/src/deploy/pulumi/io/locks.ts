import { readdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { isProcessRunning } from "../../../lib/io/processes.ts";
import type { StackLock } from "../output.ts";

export interface LockFile extends StackLock {
  file: string;
}

/** Locks of one stack in the folder of a `file://` backend. */
export async function locksOf(backend: string, fullName: string): Promise<LockFile[]> {
  const folder = join(backend, ".pulumi", "locks", ...fullName.split("/"));
  const names = await readdir(folder).catch(() => []);
  const locks = await Promise.all(
    // Beside each lock its storage keeps a file of attributes.
    names
      .filter((name) => name.endsWith(".json"))
      .map(async (name) => {
        try {
          const file = join(folder, name);
          return { ...(JSON.parse(await readFile(file, "utf8")) as StackLock), file };
        } catch {
          // Gone, or being written, in this very moment.
          return undefined;
        }
      }),
  );
  return locks.filter((lock) => lock !== undefined);
}

/**
 * Takes the locks away if all of them are abandoned. `pulumi cancel` would not do: it refuses where the stack was not
 * made yet, and making it takes a lock, too.
 */
export async function removeAbandoned(locks: LockFile[]): Promise<boolean> {
  if (locks.length === 0) return false;
  if (!(await Promise.all(locks.map(isAbandoned))).every(Boolean)) return false;
  for (const { file } of locks) {
    await rm(file, { force: true });
    await rm(`${file}.attrs`, { force: true });
  }
  return true;
}

/** Certain only of this machine's own: whoever holds it is no running Pulumi any more. */
async function isAbandoned(lock: StackLock): Promise<boolean> {
  if (lock.hostname !== hostname()) return false;
  if (!isProcessRunning(lock.pid)) return true;
  // The number may have gone to another process since.
  const command = await readFile(`/proc/${lock.pid}/cmdline`, "utf8").catch(() => "pulumi");
  return !command.includes("pulumi");
}

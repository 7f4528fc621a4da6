import { readdir, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { StackLock } from "../core/pulumi.ts";

/** Locks of one stack in the folder of a `file://` backend. */
export async function locksOf(backend: string, fullName: string): Promise<StackLock[]> {
  const folder = join(backend, ".pulumi", "locks", ...fullName.split("/"));
  const names = await readdir(folder).catch(() => []);
  const locks = await Promise.all(
    // Beside each lock its storage keeps a file of attributes.
    names
      .filter((name) => name.endsWith(".json"))
      .map(async (name) => {
        try {
          return JSON.parse(await readFile(join(folder, name), "utf8")) as StackLock;
        } catch {
          // Gone, or being written, in this very moment.
          return undefined;
        }
      }),
  );
  return locks.filter((lock) => lock !== undefined);
}

/** Certain only of this machine's own: whoever holds it is no running Pulumi any more. */
export async function isAbandoned(lock: StackLock): Promise<boolean> {
  if (lock.hostname !== hostname()) return false;
  try {
    process.kill(lock.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  // The number may have gone to another process since.
  const command = await readFile(`/proc/${lock.pid}/cmdline`, "utf8").catch(() => "pulumi");
  return !command.includes("pulumi");
}

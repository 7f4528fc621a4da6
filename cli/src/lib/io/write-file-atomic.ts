import { randomBytes } from "node:crypto";
import { promises as fs } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isProcessRunning } from "./processes.ts";

/** No write takes so long; who writes may be on another machine that shares the folder. */
const longestWriteMs = 2000;

/** Writes a file that nobody ever sees half: a temporary name beside it, mode 0600, then a rename. */
export async function writeFileAtomic(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
  const file = await fs.open(temporary, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
    await file.close();
    await fs.rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => {});
    await fs.rm(temporary, { force: true });
    throw error;
  }
  await removeUnfinished(path);
}

/** What writers that were killed have left beside the file, which may hold a password. */
async function removeUnfinished(path: string): Promise<void> {
  const folder = dirname(path);
  const start = `${basename(path)}.`;
  for (const name of await fs.readdir(folder).catch(() => [])) {
    if (!name.startsWith(start)) continue;
    const pid = /^(\d+)-[0-9a-f]{8}\.tmp$/.exec(name.slice(start.length))?.[1];
    if (pid === undefined || isProcessRunning(Number(pid))) continue;
    const left = join(folder, name);
    const writtenAt = (await fs.stat(left).catch(() => undefined))?.mtimeMs ?? Date.now();
    if (Date.now() - writtenAt > longestWriteMs) await fs.rm(left, { force: true }).catch(() => {});
  }
}

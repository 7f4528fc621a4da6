import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { processStartTime } from "../../lib/io/processes.ts";
import { writeFileAtomic } from "../../lib/io/write-file-atomic.ts";
import { homeFolder } from "../../runtime/io/home-folder.ts";
import { endGroup } from "./group.ts";

/**
 * Remembers the group that a supervisor has started, so that the next one finds what a supervisor that
 * was killed has left running. One small file a process: `$DS_HOME/run/<name>.json`.
 */
export interface GroupRecord {
  /** Ends what an earlier supervisor has left; returns its pid when there was anything. */
  endOrphan(grace: number): Promise<number | undefined>;
  note(pid: number): Promise<void>;
  clear(): Promise<void>;
}

/** @param name a file name: `[a-z0-9-]+` */
export async function groupRecord(home: string, name: string): Promise<GroupRecord> {
  const path = join(await homeFolder(home, "run"), `${name}.json`);
  return {
    endOrphan: async (grace) => {
      const record = await read(path);
      if (record === undefined) return undefined;
      // Without the same start time the number belongs to some other process by now.
      const same = record.started !== undefined && processStartTime(record.pid) === record.started;
      if (same) await endGroup(record.pid, grace);
      await rm(path, { force: true });
      return same ? record.pid : undefined;
    },
    note: async (pid) =>
      writeFileAtomic(path, JSON.stringify({ pid, started: processStartTime(pid) })),
    clear: () => rm(path, { force: true }),
  };
}

async function read(
  path: string,
): Promise<{ pid: number; started: string | undefined } | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { pid, started } = JSON.parse(text);
    return Number.isInteger(pid) && pid > 1 ? { pid, started } : undefined;
  } catch {
    return undefined;
  }
}

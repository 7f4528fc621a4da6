import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { formatLsn, isSegment, segmentName, segmentOfLabel } from "../../model/lsn.ts";

/**
 * The first segment that recovery of this data directory reads: the one its backup label names, or
 * where its last checkpoint began. The offsets are those of ControlFileData in PostgreSQL 12 to 18
 * (src/include/catalog/pg_control.h), little-endian.
 */
export async function firstRequiredSegment(dataDir: string): Promise<string> {
  const label = await readFile(join(dataDir, "backup_label"), "utf8").catch(() => undefined);
  if (label !== undefined) return segmentOfLabel(label);
  const control = await readFile(join(dataDir, "global", "pg_control"));
  return segmentName(control.readUInt32LE(48), control.readBigUInt64LE(40));
}

/** Where the log ends that a data directory holds, when its server was stopped in order. */
export async function endOfLog(dataDir: string): Promise<string | undefined> {
  const control = await readFile(join(dataDir, "global", "pg_control"));
  const isShutDown = control.readUInt32LE(16) === 1;
  return isShutDown ? formatLsn(control.readBigUInt64LE(32)) : undefined;
}

/** The first segment that the server has not removed yet; undefined when it has none. */
export async function oldestSegment(dataDir: string): Promise<string | undefined> {
  const names = await readdir(join(dataDir, "pg_wal"));
  return names.filter(isSegment).sort((a, b) => a.slice(8).localeCompare(b.slice(8)))[0];
}

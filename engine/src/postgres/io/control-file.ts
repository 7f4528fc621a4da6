import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** initdb's default, which all our clusters have. */
const segmentBytes = 16n * 1024n * 1024n;

/** "1/AB" as one number of bytes; undefined when it is not a log sequence number. */
export function parseLsn(text: string): bigint | undefined {
  const parts = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text);
  if (!parts) return undefined;
  return (BigInt(`0x${parts[1]}`) << 32n) | BigInt(`0x${parts[2]}`);
}

export function formatLsn(lsn: bigint): string {
  return `${(lsn >> 32n).toString(16)}/${(lsn & 0xffffffffn).toString(16)}`.toUpperCase();
}

/** Name of the file in pg_wal that holds this position. */
export function segmentName(timeline: number, lsn: bigint): string {
  const segment = lsn / segmentBytes;
  const perLog = 0x1_0000_0000n / segmentBytes;
  return [BigInt(timeline), segment / perLog, segment % perLog]
    .map((part) => part.toString(16).toUpperCase().padStart(8, "0"))
    .join("");
}

export const isSegment = (name: string) => /^[0-9A-F]{24}$/.test(name);

/**
 * The first segment that recovery of this data directory reads: the one its backup label names, or
 * where its last checkpoint began. The offsets are those of ControlFileData in PostgreSQL 12 to 18
 * (src/include/catalog/pg_control.h), little-endian.
 */
export async function firstSegmentNeeded(dataDir: string): Promise<string> {
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

/** "START WAL LOCATION: 0/2000028 (file 000000010000000000000002)" */
export function segmentOfLabel(label: string): string {
  const segment = /^START WAL LOCATION: .* \(file ([0-9A-F]{24})\)/m.exec(label)?.[1];
  if (!segment) throw new Error(`this backup label names no segment: ${label}`);
  return segment;
}

/** The first segment that the server has not removed yet; undefined when it has none. */
export async function oldestSegment(dataDir: string): Promise<string | undefined> {
  const names = await readdir(join(dataDir, "pg_wal"));
  return names.filter(isSegment).sort((a, b) => a.slice(8).localeCompare(b.slice(8)))[0];
}

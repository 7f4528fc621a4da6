import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { formatLsn, isSegment, segmentName, segmentOfLabel, summaryOf } from "../../model/lsn.ts";

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

/** So much of the log is copied at most for what is to be summarized of it: 1 GB. */
const mostUnsummarized = 64n;

/**
 * The first segment that a copy needs: recovery's, or an earlier one from which the log is not summarized yet. Where that would
 * be too many, the copy begins to summarize later, and what was before is not known.
 */
export async function firstNeededSegment(dataDir: string, required?: string): Promise<string> {
  required ??= await firstRequiredSegment(dataDir);
  const names = await readdir(join(dataDir, "pg_wal", "summaries")).catch(() => []);
  let summarized = 0n;
  for (const name of names) {
    const to = summaryOf(name)?.to ?? 0n;
    if (to > summarized) summarized = to;
  }
  if (summarized === 0n) return required;
  const timeline = Number.parseInt(required.slice(0, 8), 16);
  const unsummarized = segmentName(timeline, summarized);
  const isBehind = unsummarized.slice(8) < required.slice(8);
  return isBehind && segmentsBetween(unsummarized, required) <= mostUnsummarized
    ? unsummarized
    : required;
}

const perLog = 256n;

const segmentsBetween = (from: string, to: string): bigint => numberOf(to) - numberOf(from);

const numberOf = (segment: string): bigint =>
  BigInt(`0x${segment.slice(8, 16)}`) * perLog + BigInt(`0x${segment.slice(16)}`);

/** The last checkpoint of a data directory, from which on its log is replayed. */
export interface LastCheckpoint {
  /** Position in the log. */
  redo: string;
  /** What has this number or a greater one had written nothing when the checkpoint began. */
  nextTransaction: bigint;
  /** None that was under way then, also none that was prepared, has a smaller number. */
  oldestTransaction: bigint;
}

export async function lastCheckpoint(dataDir: string): Promise<LastCheckpoint> {
  const control = await readFile(join(dataDir, "global", "pg_control"));
  const redo = formatLsn(control.readBigUInt64LE(40));
  const next = control.readBigUInt64LE(64);
  // Without the epoch, which is the next one's or that before; 0 when the server was stopped.
  const active = BigInt(control.readUInt32LE(120));
  const epoch = (next >> 32n) - (active > (next & 0xffffffffn) ? 1n : 0n);
  const oldest = active === 0n ? next : (epoch << 32n) | active;
  const prepared = await readdir(join(dataDir, "pg_twophase")).catch(() => []);
  const oldestTransaction = prepared.reduce((least, name) => {
    const number = BigInt(`0x${name}`);
    const full = name.length > 8 ? number : ((next >> 32n) << 32n) | number;
    return full < least ? full : least;
  }, oldest);
  return { redo, nextTransaction: next, oldestTransaction };
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

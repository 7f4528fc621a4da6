import { chown, copyFile, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { isMissing } from "../../lib/io/files.ts";
import { isSegment, summaryOf } from "../../model/lsn.ts";
import { firstNeededSegment } from "../../postgres/io/control-file.ts";
import type { PostgresUser } from "../../postgres/io/os-user.ts";

/**
 * The summaries of a log that is being written. To be copied before the log itself, so that this has all that they are of.
 *
 * @param before a position: those that begin later are left out
 */
export async function copySummaries(
  from: string,
  to: string,
  user: PostgresUser | undefined,
  before?: bigint,
): Promise<void> {
  const [source, target] = [summariesOf(from), summariesOf(to)];
  const names = await readdir(source).catch(() => []);
  await mkdir(target, { recursive: true, mode: 0o700 });
  if (user) await chown(target, user.uid, user.gid);
  const known = new Set(await readdir(target));
  for (const name of names) {
    const summary = summaryOf(name);
    const isWanted = summary && (before === undefined || summary.from < before);
    if (isWanted && !known.has(name)) {
      await copyOne(join(source, name), join(target, name), user).catch((error: unknown) => {
        // They do not live for ever.
        if (!isMissing(error)) throw error;
      });
    }
  }
}

const summariesOf = (dataDir: string) => join(dataDir, "pg_wal", "summaries");

/** @param required the first segment that recovery needs */
export async function copyLog(
  from: string,
  to: string,
  required: string,
  user: PostgresUser | undefined,
): Promise<void> {
  const needed = await firstNeededSegment(to, required);
  const names = await readdir(join(from, "pg_wal"));
  const first = names.includes(needed) ? needed : required;
  for (const name of names) {
    const isNeeded = isSegment(name) ? name.slice(8) >= first.slice(8) : name.endsWith(".history");
    if (isNeeded) await copyOne(join(from, "pg_wal", name), join(to, "pg_wal", name), user);
  }
}

async function copyOne(from: string, to: string, user: PostgresUser | undefined): Promise<void> {
  await copyFile(from, to);
  if (user) await chown(to, user.uid, user.gid);
}

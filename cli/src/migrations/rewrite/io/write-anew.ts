import { promises as fs } from "node:fs";
import { join } from "node:path";
import { DsError } from "../../../errors/ds-error.ts";
import { readRegularFile } from "../../../lib/io/regular-file.ts";
import { writeFileAtomic } from "../../../lib/io/write-file-atomic.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { sha256 } from "../../folder/content-hash.ts";
import type { Deployment } from "../report.ts";
import type { RewrittenMigration } from "../rewrite.ts";

interface Writing {
  folder: string;
  /** How messages name it. */
  shown: string;
  files: readonly RewrittenMigration[];
  /** Outside of the migrations folder: they are no migrations yet. */
  later: { folder: string; files: readonly Deployment[] };
  stillPending(): Promise<boolean>;
}

/**
 * Writes migrations anew. Each file is replaced as a whole, so that a run that dies leaves it as it was or as it is to be;
 * what a later deployment needs is there before. Refuses what has changed since it was read.
 */
export async function writeAnew(
  { output: { changes } }: Pick<Runtime, "output">,
  { files, folder, later, shown, stillPending }: Writing,
): Promise<void> {
  const writes = files.map((one) => ({
    ...one,
    path: join(folder, one.migration.file.slice(shown.length + 1)),
  }));
  const others = later.files.map(({ name, sql }) => ({
    path: join(later.folder, `${name}.sql`),
    sql,
  }));
  for (const { path, sql } of others) refuseOther(path, sql);
  if (!(await stillPending())) throw changedMeanwhile("was applied somewhere meanwhile", files);
  for (const { migration, path } of writes) {
    const now = readRegularFile(path);
    if (now === undefined || sha256(now) !== migration.hash)
      throw changedMeanwhile(`(${migration.file}) has changed since it was read`, files);
  }
  if (others.length > 0) await fs.mkdir(later.folder, { recursive: true });
  for (const { path, sql } of others) {
    await writeFileAtomic(path, sql);
    await fs.chmod(path, 0o644);
  }
  for (const { migration, path, sql } of writes) {
    // A link stays one.
    const file = await fs.realpath(path);
    const { mode } = await fs.stat(file);
    await writeFileAtomic(file, sql);
    await fs.chmod(file, mode);
    changes.set(file, `${migration.file} was written anew`);
  }
}

/** Somebody's own work may be in it. */
function refuseOther(path: string, sql: string): void {
  const there = readRegularFile(path)?.toString("utf8");
  if (there === undefined || there === sql) return;
  throw new DsError(
    "MIGRATION_REFUSED",
    `${path} is there already, with another text. Nothing was written.`,
    {
      reason: "LATER_FILE_THERE",
      hint: "Move it away, or take it out if it is of no use any more; then run this again",
      details: { file: path },
    },
  );
}

function changedMeanwhile(what: string, files: readonly RewrittenMigration[]): DsError {
  const names = files.map(({ migration }) => migration.name);
  return new DsError(
    "MIGRATION_REFUSED",
    `what was to be written anew ${what}. Nothing was written.`,
    {
      reason: "CHANGED_MEANWHILE",
      hint: "Run it again: it looks anew",
      details: { migrations: names },
    },
  );
}

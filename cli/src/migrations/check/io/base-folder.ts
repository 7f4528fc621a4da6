import type { ProjectConfig } from "../../../config/project-config.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { shownPath } from "../../../lib/format/shown-path.ts";
import { openGitObjects } from "../../../lib/git/io/objects.ts";
import { listingOf } from "../../../lib/git/objects.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { requireCommit } from "../../conflicts/io/git-ref.ts";
import { baseRefs } from "../../folder/io/base-branch.ts";
import type { MigrationFolder } from "../../folder/migration.ts";
import { parseFolder } from "../../folder/parse-folder.ts";
import { type SnapshotColumns, snapshotColumns } from "../../folder/snapshot-columns.ts";

export interface BaseFolder {
  ref: string;
  folder: MigrationFolder;
  /** What the schema code of that state selects, by drizzle-kit's newest snapshot. */
  columns: SnapshotColumns | undefined;
}

/**
 * The migrations as the ref has them that this checkout will be merged into; undefined where git knows none.
 *
 * @param named refused where git does not know it
 */
export async function baseFolder(
  context: Runtime,
  { migrations: { folder } }: ProjectConfig,
  named: string | undefined,
): Promise<BaseFolder | undefined> {
  const git = openGitObjects(context);
  const at = async (ref: string, commit: string) => {
    const shown = `${ref}:${shownPath(folder, context.cwd)}`;
    const files = await git.filesAt(commit, folder);
    return { ref, folder: parseFolder(listingOf(shown, files)), columns: newestColumns(files) };
  };
  if (named !== undefined) return at(named, await requireCommit(git, named));
  try {
    for (const ref of baseRefs) {
      const commit = await git.commit(ref);
      if (commit !== undefined) return await at(ref, commit);
    }
  } catch (error) {
    // No git, or no checkout: there is no base then.
    if (!(error instanceof DsError) || error.reason === "FOLDER_INVALID") throw error;
  }
  return undefined;
}

/** Names of both formats sort by time. */
function newestColumns(files: ReadonlyMap<string, Uint8Array>): SnapshotColumns | undefined {
  const newest = [...files.keys()]
    .filter((name) => /(?:^|\/)(?:\d+_)?snapshot\.json$/.test(name))
    .sort()
    .at(-1);
  const text = newest === undefined ? undefined : files.get(newest);
  return text && snapshotColumns(Buffer.from(text).toString("utf8"));
}

import type { ProjectConfig } from "../../../config/project-config.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { shownPath } from "../../../lib/format/shown-path.ts";
import { openGitObjects } from "../../../lib/git/io/objects.ts";
import { listingOf } from "../../../lib/git/objects.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { MigrationFolder } from "../../folder/migration.ts";
import { parseFolder } from "../../folder/parse-folder.ts";
import { requireCommit } from "./git-ref.ts";

/**
 * The migrations folders of other git refs; nothing is checked out.
 *
 * @param refs none: every other branch that git knows, but those without a folder, or with one in disorder
 */
export async function otherFolders(
  context: Runtime,
  { migrations: { folder: path } }: ProjectConfig,
  refs: readonly string[],
): Promise<Map<string, MigrationFolder>> {
  const git = openGitObjects(context);
  const shown = shownPath(path, context.cwd);
  const all = refs.length === 0;
  const folders = new Map<string, MigrationFolder>();
  for (const ref of all ? await git.otherBranches() : refs) {
    const files = await git.filesAt(await requireCommit(git, ref), path);
    if (files.size === 0) {
      if (all) continue;
      throw new DsError("NOT_FOUND", `${ref} has no files in ${shown}`, {
        reason: "FOLDER_EMPTY",
        details: { ref },
      });
    }
    try {
      folders.set(ref, parseFolder(listingOf(`${ref}:${shown}`, files)));
    } catch (error) {
      // Of all branches that there are, one that somebody left in disorder is no reason to say nothing.
      if (!all || !(error instanceof DsError)) throw error;
      context.output.warn(`${ref} is left out: ${error.message}`);
    }
  }
  return folders;
}

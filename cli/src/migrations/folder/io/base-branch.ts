import { DsError } from "../../../errors/ds-error.ts";
import { openGitObjects } from "../../../lib/git/io/objects.ts";
import type { GitPlace } from "../../../lib/git/io/run-git.ts";

/** Where branches come from, the likeliest first. */
export const baseRefs = ["origin/HEAD", "origin/main", "origin/master", "main", "master"];

/** The migrations folder's files as the base branch has them; undefined where git knows none. */
export async function filesOfBase(
  place: GitPlace,
  folder: string,
): Promise<{ ref: string; files: string[] } | undefined> {
  const git = openGitObjects(place);
  try {
    for (const ref of baseRefs) {
      const commit = await git.commit(ref);
      if (commit !== undefined) return { ref, files: await git.fileNames(commit, folder) };
    }
    return undefined;
  } catch (error) {
    // No git, or no checkout.
    if (error instanceof DsError) return undefined;
    throw error;
  }
}

import { DsError } from "../../../errors/ds-error.ts";
import type { Git } from "../../../lib/git/io/git.ts";
import type { GitObjects } from "../../../lib/git/io/objects.ts";
import { requireCommit } from "../../conflicts/io/git-ref.ts";
import { baseRefs } from "../../folder/io/base-branch.ts";

export interface Side {
  ref: string;
  commit: string;
}

/**
 * The side of a merge whose migrations stay. On main it is main; elsewhere what is being merged, or main.
 *
 * @param asked what the person named, if anything
 */
export async function upstreamSide(
  git: Git,
  objects: GitObjects,
  asked: string | undefined,
): Promise<Side> {
  if (asked !== undefined) return { ref: asked, commit: await requireCommit(objects, asked) };
  const current = await git.currentBranch();
  const onMain = current === "main" || current === "master";
  for (const ref of onMain ? ["HEAD"] : ["MERGE_HEAD", ...baseRefs]) {
    const commit = await objects.commit(ref);
    if (commit !== undefined) return { ref: onMain ? String(current) : ref, commit };
  }
  throw new DsError("USAGE", "it is not clear which side's migrations stay as they are", {
    hint: "Name it: ds db rebase --onto <git ref>",
  });
}

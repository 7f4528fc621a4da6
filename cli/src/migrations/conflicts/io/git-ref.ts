import { DsError } from "../../../errors/ds-error.ts";
import type { GitObjects } from "../../../lib/git/io/objects.ts";

/** The commit of a ref that a person named; NOT_FOUND otherwise. */
export async function requireCommit(objects: GitObjects, ref: string): Promise<string> {
  const commit = await objects.commit(ref);
  if (commit !== undefined) return commit;
  throw new DsError("NOT_FOUND", `git knows no branch, tag or commit "${ref}"`, {
    reason: "GIT_REF_UNKNOWN",
    hint: "See which there are: git branch --all",
    details: { ref },
  });
}

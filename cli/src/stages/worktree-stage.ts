import { createHash } from "node:crypto";
import { slug, withinLength } from "../lib/text/slug.ts";
import { localStageName, longestStage } from "./stage.ts";

/**
 * `phil-feature-local` for the worktree `feature` of phil. The parts can be read in two ways (`x` and `a-b`, `x-a` and
 * `b`), and names of worktrees are simplified: who gets a name first keeps it, and others have `mark` in theirs.
 *
 * @param mark what tells two worktrees of one name apart: text of any length
 */
export function worktreeStageName(developer: string, worktree: string, mark?: string): string {
  const part = slug(worktree) || digest(worktree);
  const name = mark === undefined ? part : `${part}-${digest(mark)}`;
  const longest = longestStage - localStageName("").length;
  // The mark is at the end, and a name that is cut has a digest of all of it there instead.
  return localStageName(
    withinLength(`${developer}-${name}`, longest, `${developer}/${worktree}/${mark ?? ""}`),
  );
}

const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 6);

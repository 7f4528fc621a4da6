import type { Branch } from "../neon/model.ts";
import { type OwnerNote, ownerNoteOf } from "../stages/owner-note.ts";
import { branchOfStage } from "../stages/stage.ts";

/** Whose a branch would be. */
export type OwnBranch = Required<Pick<OwnerNote, "owner">> &
  Pick<OwnerNote, "worktree" | "machine" | "gitBranch">;

/**
 * Whether a stage's branch is another's: of another developer, or of another worktree. Of a worktree it counts where it was
 * made, too, as another clone may have a worktree of the same name.
 *
 * @param isNamed this checkout's env file names the stage, so that another name of the machine does not matter
 */
export function isOthers(
  stage: string,
  branches: readonly Branch[],
  own: OwnBranch,
  isNamed: boolean,
): boolean {
  const branch = branches.find(({ name }) => name === branchOfStage(stage));
  if (branch === undefined) return false;
  const note = ownerNoteOf(branch.annotation);
  // Made before there were notes, or in the API: for a main worktree it was, and for no other checkout.
  const isUsual = own.worktree === undefined && own.gitBranch === undefined;
  if (note === undefined) return !isUsual && !isNamed;
  if (note.owner !== own.owner || note.worktree !== own.worktree) return true;
  if (note.gitBranch !== own.gitBranch) return true;
  return own.worktree !== undefined && note.machine !== own.machine && !isNamed;
}

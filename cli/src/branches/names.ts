import { DsError } from "../errors/ds-error.ts";
import { isPersonalStageName, stageOfBranch } from "../stages/stage.ts";

/**
 * A name that somebody chooses for a branch: none that means a stage, as who works on that one would get this one's data.
 *
 * @param isStages whether it may be that of a stage's branch
 */
export function checkChosenName(name: string, { isStages = false } = {}): string {
  checkBranchName(name);
  const stage = stageOfBranch(name);
  const isOnesStage = name.endsWith("-local") && isPersonalStageName(name) && stage === undefined;
  if (!isOnesStage && (stage === undefined || isStages)) return name;
  throw new DsError("USAGE", `"${name}" cannot be chosen: it is what a stage goes by`, {
    reason: "NAME_RESERVED",
    hint: "Leave out dev- at its beginning and -local at its end.",
  });
}

/** A name for a new branch, or USAGE: ids are the API's, and control characters nobody's. */
export function checkBranchName(name: string): string {
  const refuse = (why: string) =>
    new DsError("USAGE", `"${name}" cannot name a branch: ${why}`, {
      reason: "NAME_INVALID",
      hint: "Try letters, digits and hyphens, such as try-new-index.",
    });
  if (name.trim() === "" || name !== name.trim())
    throw refuse("it is empty or has blanks around it");
  if (name.length > 256) throw refuse("it is longer than 256 characters");
  if (/\p{Cc}/u.test(name)) throw refuse("it has control characters in it");
  if (/^br-[a-z0-9]+-[a-z0-9]+-[a-z0-9]+$/.test(name))
    throw refuse("it has the shape of a branch id");
  return name;
}

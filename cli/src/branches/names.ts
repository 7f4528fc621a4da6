import { DsError } from "../errors/ds-error.ts";

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

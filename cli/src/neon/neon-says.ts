import type { ErrorReason } from "../errors/error-reason.ts";

/**
 * Refusals (422) of Neon's cloud, which mostly sends them with an empty code. After the rules for deleting,
 * restoring and protecting branches in its API reference (v2, 2026); a sentence that is not here counts as a
 * value that the API does not take. Anchored, and without a gap that a name could stand in.
 */
const neonRefusals: readonly { says: RegExp; means: ErrorReason }[] = [
  {
    says: /^(?:you )?can(?:not|'t) (?:delete|restore|reset) (?:a |the )?protected branch(?![\w-])/i,
    means: "BRANCH_PROTECTED",
  },
  { says: /^(?:the |this )?branch is protected(?![\w-])/i, means: "BRANCH_PROTECTED" },
  {
    says: /^(?:a |the )?protected branch(?:es)? can(?:not|'t) (?:expire|be (?:deleted|restored|reset))\b/i,
    means: "BRANCH_PROTECTED",
  },
  {
    says: /^(?:you )?can(?:not|'t) delete a project (?:that has|with) protected branches(?![\w-])/i,
    means: "BRANCH_PROTECTED",
  },
  {
    says: /^(?:you )?can(?:not|'t) delete (?:the |a |the project's )?default branch(?![\w-])/i,
    means: "BRANCH_IS_DEFAULT",
  },
  {
    says: /^(?:the |the project's )?default branch can(?:not|'t) (?:expire|be deleted)\b/i,
    means: "BRANCH_IS_DEFAULT",
  },
  {
    says: /^(?:you )?can(?:not|'t) delete (?:the |a |the project's )?root branch(?![\w-])/i,
    means: "BRANCH_IS_ROOT",
  },
  {
    says: /^(?:the |the project's )?root branch can(?:not|'t) be deleted\b/i,
    means: "BRANCH_IS_ROOT",
  },
  {
    says: /^(?:you )?can(?:not|'t) delete (?:a |the )?branch (?:that has|with) (?:a )?child(?:ren| branch(?:es)?)?(?![\w-])/i,
    means: "BRANCH_HAS_CHILDREN",
  },
];

/** What the sentence refuses; undefined where it is no refusal that is known. */
export function neonRefusal(message: string): ErrorReason | undefined {
  return neonRefusals.find(({ says }) => says.test(message))?.means;
}

/** Of a 400: a personal API key has to name an organization. */
export const wantsOrganization = (message: string): boolean =>
  /^org_id is required(?![\w-])/i.test(message);

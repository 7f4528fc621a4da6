import { meaningOf, type Sayings } from "../lib/text/sayings.ts";

/** What a plan, or somebody's spending limit, has an end of. */
export interface PlanLimit {
  /** Completes "the plan's limit of ... is reached". */
  what: string;
  /** What to do, besides a larger plan. */
  advice: string;
}

const branches: PlanLimit = {
  what: "branches",
  advice: "See which are stale, and delete them: ds db audit",
};
const computeTime: PlanLimit = {
  what: "compute time",
  advice: "It begins anew with the next billing period",
};
const computes: PlanLimit = {
  what: "computes that run at a time",
  advice: "Those that nobody uses are suspended after some minutes; try again then",
};
const storage: PlanLimit = {
  what: "storage",
  advice: "Delete data, or branches that nobody needs: ds db audit",
};

/** By the code of the API's refusal, a 422 or 403. */
const byCode: Readonly<Record<string, PlanLimit>> = {
  PROJECTS_LIMIT_EXCEEDED: {
    what: "projects",
    advice:
      "Delete one that nobody needs in Neon's console, or use one that exists: ds setup --project <id>",
  },
  BRANCHES_LIMIT_EXCEEDED: branches,
  ROOT_BRANCHES_LIMIT_EXCEEDED: { ...branches, what: "root branches" },
  BRANCHES_PROTECTED_LIMIT_EXCEEDED: {
    what: "protected branches",
    advice: "Take the protection from one in Neon's console",
  },
  ENDPOINTS_LIMIT_EXCEEDED: { ...branches, what: "computes" },
  ACTIVE_ENDPOINTS_LIMIT_EXCEEDED: computes,
  BRANCH_SIZE_LIMIT_EXCEEDED_THRESHOLD: storage,
  NON_PRIMARY_BRANCH_COMPUTE_TIME_EXCEEDED: {
    ...computeTime,
    what: "compute time of other branches than the default one",
  },
  COMPUTE_TIME_EXCEEDED: computeTime,
  DATA_TRANSFER_LIMIT_EXCEEDED: { ...computeTime, what: "data transfer" },
  ROLES_LIMIT_EXCEEDED: { what: "roles", advice: "Delete roles that nobody needs" },
  DATABASES_LIMIT_EXCEEDED: { what: "databases", advice: "Delete databases that nobody needs" },
};

/** The same where there is no code. */
const bySentence: Sayings<PlanLimit> = [
  {
    says: /^(?:you have )?exceeded the limit of concurrently active endpoints\b/i,
    means: computes,
  },
  { says: /^active endpoints? limit exceeded\b/i, means: computes },
  {
    says: /^your (?:account or )?project has exceeded the compute time quota\b/i,
    means: computeTime,
  },
  {
    says: /^your (?:account or )?project has exceeded the data transfer quota\b/i,
    means: { ...computeTime, what: "data transfer" },
  },
  {
    says: /^(?:the )?(?:project'?s? )?(?:branches|branch) limit (?:exceeded|reached)\b/i,
    means: branches,
  },
];

/**
 * The limit that a refusal is about; undefined for any other refusal.
 *
 * @param code of a 422 or 403; empty where there is none
 */
export function planLimit(code: string, message: string): PlanLimit | undefined {
  if (code === "") return meaningOf(bySentence, message);
  if (Object.hasOwn(byCode, code)) return byCode[code];
  return /^[A-Z_]+_LIMIT_EXCEEDED$/.test(code) && code !== "ENDPOINT_LIMIT_EXCEEDED"
    ? {
        what: code
          .replace(/_LIMIT_EXCEEDED$/, "")
          .toLowerCase()
          .replaceAll("_", " "),
        advice: "Delete what nobody needs",
      }
    : undefined;
}

export const limitHint = ({ advice }: PlanLimit): string =>
  `${advice}. Or take a larger plan in Neon's console.`;

import type { Fault } from "./faults.ts";
import type { Life } from "./life.ts";

const isCreation = (method: string, path: string) => method === "POST" && /\/branches$/.test(path);

interface Expected {
  status: number;
  reason?: string;
  outcome?: string;
  /** Whether the branch is there afterwards. */
  there: boolean;
}

/** A command that makes a branch, and cannot get through: it says why, and what is there. */
async function creationFails(
  life: Life,
  script: (method: string, path: string) => Fault | undefined,
  expected: Expected,
): Promise<void> {
  const { cloud } = life;
  cloud.script = script;
  const run = await life.run(["db", "create", "trouble", "--wait", "1s"]);
  cloud.script = () => undefined;
  const { reason, outcome } = run.document.error ?? {};
  const isThere = await life.has("trouble");
  const found = { status: run.status, reason, outcome, there: isThere };
  const wanted = { reason, outcome, ...expected };
  if (JSON.stringify(found) !== JSON.stringify({ ...found, ...wanted })) {
    life.wrong(`${JSON.stringify(wanted)} expected: ${JSON.stringify(found)}\n${run.stderr}`);
  }
  const saysUnknown = /not known/.test(String(run.document.error?.message));
  if (saysUnknown !== (expected.outcome === "unknown")) life.figures.untrue.push(run.stderr);
  if (isThere) await life.well(["db", "delete", "trouble", "--yes"]);
  cloud.script = undefined;
}

const refused = (status: number): Fault => ({ is: "refused", status });

/** What does not pass by waiting: each has to end in a true sentence and its exit status. */
export const troubles: readonly ((life: Life) => Promise<void>)[] = [
  (life) =>
    creationFails(life, (...request) => (isCreation(...request) ? refused(423) : undefined), {
      status: 5,
      reason: "PROJECT_BUSY",
      outcome: "unchanged",
      there: false,
    }),
  (life) =>
    creationFails(life, () => refused(429), { status: 8, reason: "RATE_LIMITED", there: false }),
  // Not carried out, and seen not to be.
  (life) =>
    creationFails(life, (...request) => (isCreation(...request) ? refused(502) : undefined), {
      status: 8,
      outcome: "unchanged",
      there: false,
    }),
  // Carried out, and from then on nobody answers.
  async (life) => {
    let isDone = false;
    const script = (...request: [string, string]): Fault | undefined => {
      if (isDone) return { is: "cut" };
      isDone = isCreation(...request);
      return isDone ? { is: "lost", how: "nothing" } : undefined;
    };
    await creationFails(life, script, { status: 8, outcome: "unknown", there: true });
  },
  // Carried out, and its operations cannot be looked at.
  (life) =>
    creationFails(life, (_, path) => (path.includes("/operations/") ? refused(429) : undefined), {
      status: 8,
      reason: "RATE_LIMITED",
      outcome: "unknown",
      there: true,
    }),
  async (life) => {
    life.cloud.branchesLimit = 1;
    const plan = { status: 8, reason: "PLAN_LIMIT", outcome: "unchanged", there: false };
    await creationFails(life, () => undefined, plan);
    life.cloud.branchesLimit = 5_000;
  },
  async (life) => {
    life.cloud.storesPasswords = false;
    const { status, document } = await life.run(["db", "url"]);
    life.cloud.storesPasswords = true;
    if (status !== 3 || document.error?.reason !== "PASSWORD_NOT_STORED") {
      life.wrong(`db url without stored passwords: exit ${status}`);
    }
  },
];

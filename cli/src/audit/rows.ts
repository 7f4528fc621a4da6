import { parseEphemeralName } from "../branches/ephemeral-name.ts";
import { makerOf } from "../branches/made-by.ts";
import { recoveryPointOf } from "../branches/recovery-point.ts";
import { ownerNoteOf, ownerOfBranch } from "../stages/owner-note.ts";
import {
  branchOfStage,
  developerOfStage,
  isPersonalStageName,
  stageOfBranch,
} from "../stages/stage.ts";
import { type Finders, finders, none } from "./facts.ts";
import { type Family, familyOf } from "./family.ts";
import type { Row, RowKind, Surroundings } from "./row.ts";
import type { AuditedBranch, Sources } from "./sources.ts";

/** Puts together what the sources said; nothing is judged yet. */
export function rowsOf(sources: Sources, around: Surroundings): Row[] {
  const branches = sources.branches.state === "known" ? sources.branches.value : [];
  const find = finders(sources);
  const family = familyOf(branches, around);
  const rows = branches.map((branch) => branchRow(branch, family, find, around));
  // Until the branches are known, nothing can be without one.
  if (sources.branches.state !== "known") return rows;
  const known = new Set(branches.flatMap((branch) => stageNameOf(branch) ?? []));
  const remains = stagesOutside(sources)
    .filter((stage) => !known.has(stage))
    .map((stage) => remainsRow(stage, find, around));
  return [...rows, ...remains];
}

function branchRow(
  audited: AuditedBranch,
  family: Family,
  find: Finders,
  { shared, runIsOver, agentIsOver, worktreeIsGone }: Surroundings,
): Row {
  const { branch, stamp } = audited;
  const kind = kindOf(audited, shared.branches);
  const stage = stageNameOf(audited);
  const cloud = stage !== undefined && (kind === "cloud" || (kind === "other" && stamp));
  const nothing = none("only a cloud stage has one");
  const note = ownerNoteOf(branch.annotation);
  const isGone = kind === "local" && stage !== undefined && worktreeIsGone(stage);
  return {
    id: branch.id,
    name: branch.name,
    kind,
    stage,
    owner: ownerText(audited) || undefined,
    audited,
    stack: cloud ? find.stack(stage, stamp) : nothing,
    secret: cloud ? find.secret(stage, stamp?.secret) : nothing,
    gitBranch: cloud
      ? find.gitBranch(stamp?.gitBranch)
      : kind === "local" && note?.gitBranch
        ? find.gitBranch(note.gitBranch)
        : nothing,
    pullRequest: cloud ? find.pullRequest(stamp?.pullRequest ?? numberOf(stage)) : nothing,
    ...family(audited),
    runIsOver:
      (kind === "throwaway" && runIsOver(branch.name)) ||
      (kind === "made" && agentIsOver?.(branch) === true),
    worktreeGone: isGone ? note?.worktree : undefined,
    createdAt: recoveryPointOf(branch.name)?.at.toISOString() ?? branch.createdAt,
  };
}

function remainsRow(stage: string, find: Finders, { shared }: Surroundings): Row {
  const stack = find.stack(stage, undefined);
  const secret = find.secret(stage, undefined);
  const isShared = shared.stages.includes(stage);
  const ours = isPersonalStageName(stage);
  return {
    id: `stage:${stage}`,
    name: stage,
    kind: isShared ? "shared" : ours ? "remains" : "other",
    stage,
    owner: undefined,
    audited: undefined,
    stack,
    secret,
    gitBranch: none("no branch says which git branch it was for"),
    pullRequest: find.pullRequest(numberOf(stage)),
    leftovers: [],
    children: [],
    copyOf: undefined,
    runIsOver: false,
    worktreeGone: undefined,
    createdAt: undefined,
  };
}

/** Stages that a stack or a secret is named after. */
function stagesOutside({ stacks, secrets }: Sources): string[] {
  const ofStacks = stacks.state === "known" ? stacks.value.stacks.map(({ name }) => name) : [];
  const kept = secrets.state === "known" ? secrets.value.filter(({ deletedAt }) => !deletedAt) : [];
  return [...new Set([...ofStacks, ...kept.map(({ stage }) => stage)])].sort();
}

function kindOf({ branch, stamp }: AuditedBranch, sharedBranches: readonly string[]): RowKind {
  const isRoot = branch.default || branch.parentId === undefined || branch.name === "main";
  if (isRoot || sharedBranches.includes(branch.name)) return "shared";
  if (recoveryPointOf(branch.name)) return "recovery";
  if (parseEphemeralName(branch.name)) return "throwaway";
  const stage = stageOfBranch(branch.name);
  const maker = makerOf(branch);
  if (maker && (maker.by === "agent" || stage === undefined)) return "made";
  // Somebody who gave it another name has taken it out of ds's hands.
  if (stage === undefined || (stamp && branchOfStage(stamp.stage) !== branch.name)) return "other";
  return developerOfStage(stage) === undefined ? "cloud" : "local";
}

/** Who deployed it, else the developer that its note or its name tells, else who the API says made it. */
export function ownerOf({ stamp, branch }: AuditedBranch): string | undefined {
  const isNamed = recoveryPointOf(branch.name) === undefined && !parseEphemeralName(branch.name);
  return stamp?.owner ?? (isNamed ? ownerOfBranch(branch) : undefined) ?? branch.createdBy;
}

/** The linked worktree that it was made for: `phil, worktree feature`. */
export function ownerText(audited: AuditedBranch): string {
  const [owner, worktree] = [ownerOf(audited), ownerNoteOf(audited.branch.annotation)?.worktree];
  return worktree === undefined ? (owner ?? "") : `${owner} (${worktree})`;
}

/** A branch that was renamed still has its stage's stack and secret. */
function stageNameOf({ branch, stamp }: AuditedBranch): string | undefined {
  if (recoveryPointOf(branch.name) || parseEphemeralName(branch.name)) return undefined;
  return stamp?.stage ?? stageOfBranch(branch.name);
}

/** `ci-pr-142` -> 142. */
function numberOf(stage: string): number | undefined {
  const [, number] = /^ci-pr-(\d{1,9})$/.exec(stage) ?? [];
  return number === undefined ? undefined : Number(number);
}

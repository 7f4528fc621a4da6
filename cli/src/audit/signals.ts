import { ago } from "../lib/format/ago.ts";
import { formatDuration } from "../lib/format/duration.ts";
import { type Reason, reason } from "./reason.ts";
import type { Row } from "./row.ts";

/** How old and how quiet something has to be. */
export interface AuditPolicy {
  /** What is younger, or was used within it, is never offered. */
  graceMs: number;
  /** A branch that nobody has connected to for so long counts as inactive. */
  inactiveMs: number;
}

/** One reason to take something for stale. No two of one row come from the same observation. */
export type Signal = Reason<SignalKind>;

export type SignalKind =
  | "no-stack"
  | "no-branch"
  | "pull-request-closed"
  | "git-branch-gone"
  | "expired"
  | "inactive"
  | "original-gone"
  | "run-over"
  | "outlived"
  | "worktree-gone";

/** No command keeps its ephemeral branch for longer without putting off its end. */
const ephemeralMs = 3_600_000;

export function signalsOf(row: Row, policy: AuditPolicy, now: number): Signal[] {
  const found: (Signal | undefined)[] = {
    cloud: () => [stackSignal(row), pullRequestSignal(row), gitSignal(row), ...timeSignals()],
    made: () => [runSignal(row), ...timeSignals(), ageSignal(row, policy, now)],
    local: () => [worktreeSignal(row), gitSignal(row), ...timeSignals()],
    recovery: () => [originalSignal(row), expirySignal(row, now), keptSignal()],
    throwaway: () => [runSignal(row), expirySignal(row, now), outlivedSignal(row, now)],
    remains: () => [branchSignal(row), stackSignal(row), pullRequestSignal(row)],
    shared: () => [],
    other: () => [],
  }[row.kind]();
  return found.filter((signal) => signal !== undefined);

  function timeSignals() {
    return [expirySignal(row, now), inactivitySignal(row, policy, now)];
  }

  function keptSignal() {
    const age = ageOf(row.createdAt, now);
    if (age === undefined || age < policy.inactiveMs) return undefined;
    return reason("outlived", `it was kept ${formatDuration(age)} ago`);
  }
}

export function ageOf(time: string | undefined, now: number): number | undefined {
  const ms = now - Date.parse(time ?? "");
  return Number.isNaN(ms) ? undefined : ms;
}

function stackSignal({ stack }: Row): Signal | undefined {
  if (stack.is === "gone") {
    return reason("no-stack", stack.name ? `its stack ${stack.name} is gone` : "it has no stack");
  }
  if (stack.is !== "there" || stack.value.resourceCount !== 0) return undefined;
  return reason("no-stack", `its stack ${stack.value.fullName} has no resources`);
}

function branchSignal(row: Row): Signal {
  return reason("no-branch", `no branch belongs to the stage ${row.name}`);
}

function pullRequestSignal({ pullRequest }: Row): Signal | undefined {
  if (pullRequest.is !== "there" || pullRequest.value.state === "open") return undefined;
  const { number, state } = pullRequest.value;
  return reason("pull-request-closed", `pull request #${number} is ${state}`);
}

function gitSignal({ gitBranch }: Row): Signal | undefined {
  if (gitBranch.is !== "gone") return undefined;
  return reason("git-branch-gone", `the git branch ${gitBranch.name} is gone`);
}

function worktreeSignal({ worktreeGone }: Row): Signal | undefined {
  if (worktreeGone === undefined) return undefined;
  return reason("worktree-gone", `its worktree ${worktreeGone} is gone`);
}

function expirySignal({ audited }: Row, now: number): Signal | undefined {
  const at = audited?.branch.expiresAt;
  if (at === undefined || Date.parse(at) > now) return undefined;
  return reason("expired", `it expired ${ago(at, now)}`);
}

function inactivitySignal({ audited }: Row, policy: AuditPolicy, now: number): Signal | undefined {
  if (audited === undefined || audited.running) return undefined;
  // Without an endpoint nobody can have used it. With one, silence of the API is no proof of it.
  const since = audited.endpoints === 0 ? audited.branch.createdAt : audited?.lastActive;
  const idle = ageOf(since, now);
  if (idle === undefined || idle < policy.inactiveMs) return undefined;
  const days = formatDuration(idle);
  return reason(
    "inactive",
    audited.endpoints === 0
      ? `it has had no endpoint to connect to for ${days}`
      : `nobody has connected to it for ${days}`,
  );
}

/** Who wants to keep a branch that nobody uses gives it no end. */
function ageSignal({ audited, createdAt }: Row, policy: AuditPolicy, now: number) {
  const age = ageOf(createdAt, now);
  const { branch, endpoints = 0 } = audited ?? {};
  // That one without an endpoint is not used is told by its age already.
  if (age === undefined || age < policy.inactiveMs || endpoints === 0) return undefined;
  if (branch?.expiresAt !== undefined) return undefined;
  return reason("outlived", `it was made ${formatDuration(age)} ago, and has no end`);
}

function originalSignal({ copyOf }: Row): Signal | undefined {
  if (copyOf === undefined || copyOf.exists) return undefined;
  return reason("original-gone", `the branch that it was kept for, ${copyOf.name}, is gone`);
}

function runSignal({ runIsOver }: Row): Signal | undefined {
  return runIsOver ? reason("run-over", "the command that made it is over") : undefined;
}

function outlivedSignal({ audited, createdAt }: Row, now: number): Signal | undefined {
  const age = ageOf(createdAt, now);
  if (age === undefined || age < ephemeralMs) return undefined;
  // A refresh may take longer, and goes on saying until when it wants its copies.
  const { expiresAt } = audited?.branch ?? {};
  if (expiresAt !== undefined && Date.parse(expiresAt) > now) return undefined;
  return reason("outlived", `it is ${formatDuration(age)} old, and such copies live an hour`);
}

/** When something was last made or changed, where anything says so. */
export function youngestOf(row: Row): string | undefined {
  const times =
    row.kind === "remains"
      ? [
          row.stack.is === "there" ? row.stack.value.lastUpdate : undefined,
          row.secret.is === "there" ? row.secret.value.changedAt : undefined,
        ]
      : [row.createdAt, row.audited?.branch.lastResetAt];
  return times
    .filter((time) => time !== undefined)
    .sort()
    .at(-1);
}

export const graceOf = (row: Row, policy: AuditPolicy): number =>
  row.kind === "throwaway" ? Math.min(ephemeralMs, policy.graceMs) : policy.graceMs;

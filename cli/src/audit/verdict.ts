import { ago } from "../lib/format/ago.ts";
import { formatDuration } from "../lib/format/duration.ts";
import type { Fact } from "./facts.ts";
import type { Row } from "./row.ts";
import {
  type AuditPolicy,
  ageOf,
  graceOf,
  lifeOf,
  type Signal,
  signalsOf,
  youngestOf,
} from "./signals.ts";

/**
 * ok: nothing speaks against it. kept: never offered, whatever speaks against it. orphan?: one signal.
 * stale: two or more, and old enough. unknown: a source that matters did not answer, so it stays.
 */
export type Verdict = "ok" | "kept" | "orphan?" | "stale" | "unknown" | "waiting";

export interface Judged {
  row: Row;
  verdict: Verdict;
  signals: Signal[];
  /** What contradicts the signals, and what else speaks for it. */
  conflicts: string[];
  life: string[];
  /** Why it is never offered. */
  refusals: string[];
  /** What is not known about it and would have to be. */
  unknowns: string[];
}

/** The whole decision: what the sources said -> what may go, and why. */
export function judge(row: Row, policy: AuditPolicy, now: number): Judged {
  const signals = signalsOf(row, policy, now);
  const { conflicts, others } = lifeOf(row, now);
  const lasting = lastingRefusals(row);
  const passing = passingRefusals(row, policy, now);
  const facts: Fact<unknown>[] = [row.stack, row.secret, row.gitBranch, row.pullRequest];
  const unknowns = facts.flatMap((fact) => (fact.is === "unknown" ? [fact.reason] : []));
  const waiting = facts.some(({ is }) => is === "waiting");
  return {
    row,
    verdict: verdictOf(),
    signals,
    conflicts,
    life: others,
    refusals: [...lasting, ...passing],
    unknowns: [...new Set(unknowns)],
  };

  function verdictOf(): Verdict {
    if (lasting.length > 0) return "kept";
    if (unknowns.length > 0) return "unknown";
    if (waiting) return "waiting";
    if (signals.length === 0) return "ok";
    if (passing.length > 0) return "kept";
    return signals.length === 1 ? "orphan?" : "stale";
  }
}

export const judgeAll = (rows: Row[], policy: AuditPolicy, now: number): Judged[] =>
  rows.map((row) => judge(row, policy, now));

/** Stale beyond doubt: what may go without anybody looking. */
export const isCertain = ({ verdict, conflicts }: Judged): boolean =>
  verdict === "stale" && conflicts.length === 0;

/** Why it cannot be deleted here; undefined when it can. */
export function deletionBlocker({ row, verdict, refusals, unknowns }: Judged): string | undefined {
  if (refusals.length > 0) return refusals[0];
  if (verdict === "unknown") return `not all is known about it: ${unknowns[0]}`;
  if (verdict === "waiting") return "not all sources have answered yet";
  if (verdict !== "ok") return undefined;
  return `nothing says that it is stale; to remove it all the same: ${commandFor(row)}`;
}

/** A decision that somebody has to mean: its name has to be typed. */
export const needsTyping = ({ verdict, conflicts }: Judged): boolean =>
  verdict === "orphan?" || conflicts.length > 0;

/** One line that says why the verdict is what it is. */
export function reasonOf({
  verdict,
  signals,
  refusals,
  unknowns,
  conflicts,
  life,
}: Judged): string {
  const texts = signals.map(({ text }) => text);
  switch (verdict) {
    case "kept":
      return [refusals[0], ...texts].join("; ");
    case "unknown":
      return unknowns.join("; ");
    case "waiting":
      return "";
    case "ok":
      return [...conflicts, ...life].join("; ");
    default:
      return [...texts, ...conflicts.map((text) => `but ${text}`)].join("; ");
  }
}

function commandFor({ kind, stage, name }: Row): string {
  return kind === "cloud" ? `ds deploy down --stage ${stage}` : `ds db delete ${name}`;
}

function lastingRefusals(row: Row): string[] {
  const { kind, audited, children, copyOf, stack } = row;
  const branch = audited?.branch;
  const refusals: string[] = [];
  if (kind === "shared") refusals.push(sharedReason(row));
  if (branch?.protected) refusals.push("it is protected");
  if (children.length > 0) refusals.push(`other branches fork from it: ${listed(children)}`);
  if (kind === "other") refusals.push(foreignReason(row));
  if (kind === "recovery" && copyOf?.exists) {
    refusals.push(`it is a recovery point of ${copyOf.name}`);
  }
  if (stack.is === "there" && stack.value.busy) {
    refusals.push(`its stack ${stack.value.fullName} is locked, or being updated`);
  }
  return refusals;
}

/** Those that time alone takes away. */
function passingRefusals(row: Row, policy: AuditPolicy, now: number): string[] {
  const grace = graceOf(row, policy);
  const limit = formatDuration(grace);
  const youngest = youngestOf(row);
  const age = ageOf(youngest, now);
  const refusals: string[] = [];
  if (row.audited?.running && row.kind !== "throwaway") refusals.push("its compute is running");
  if (age === undefined) refusals.push("nothing says how old it is");
  else if (age < grace) {
    refusals.push(`it was made or changed ${ago(youngest ?? "", now)}, within the last ${limit}`);
  }
  const { lastActive } = row.audited ?? {};
  const quiet = ageOf(lastActive, now);
  if (quiet !== undefined && quiet < grace) {
    refusals.push(`it was used ${ago(lastActive ?? "", now)}, within the last ${limit}`);
  }
  return refusals;
}

function sharedReason({ audited, name }: Row): string {
  if (audited?.branch.default) return "it is the project's default branch";
  if (audited && audited.branch.parentId === undefined) return "it is a root branch";
  return `ds.config.ts declares ${name} as shared`;
}

function foreignReason({ audited, stage }: Row): string {
  return audited?.stamp
    ? `it was made for the stage ${stage}, and somebody has given it another name`
    : "its name is not one that ds gives";
}

function listed(names: string[]): string {
  const [shown, more] = [names.slice(0, 3), names.length - 3];
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

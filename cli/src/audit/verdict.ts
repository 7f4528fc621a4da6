import type { Fact, UnknownKind } from "./facts.ts";
import { type ConflictKind, type LifeKind, lifeOf } from "./life.ts";
import { type Reason, reason, textsOf } from "./reason.ts";
import { lastingRefusals, passingRefusals, type RefusalKind } from "./refusals.ts";
import type { Row } from "./row.ts";
import { type AuditPolicy, type Signal, signalsOf } from "./signals.ts";

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
  conflicts: Reason<ConflictKind>[];
  life: Reason<LifeKind>[];
  /** Why it is never offered. */
  refusals: Reason<RefusalKind>[];
  /** What is not known about it and would have to be. */
  unknowns: Reason<UnknownKind>[];
}

/** The whole decision: what the sources said -> what may go, and why. */
function judge(row: Row, policy: AuditPolicy, now: number): Judged {
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
    unknowns: distinct(unknowns),
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

/** What keeps a row from being deleted here. */
export type BlockerKind = RefusalKind | "unknown" | "waiting" | "not-stale";

/** Why it cannot be deleted here; undefined when it can. */
export function deletionBlocker({
  row,
  verdict,
  refusals,
  unknowns,
}: Judged): Reason<BlockerKind> | undefined {
  if (refusals.length > 0) return refusals[0];
  switch (verdict) {
    case "unknown":
      return reason("unknown", `not all is known about it: ${unknowns[0]?.text}`);
    case "waiting":
      return reason("waiting", "not all sources have answered yet");
    case "ok": {
      const command = commandFor(row);
      const text = `nothing says that it is stale; to remove it all the same: ${command}`;
      return reason("not-stale", text);
    }
    default:
      return undefined;
  }
}

/** A decision that somebody has to mean: its name has to be typed. */
export const needsTyping = ({ verdict, conflicts }: Judged): boolean =>
  verdict === "orphan?" || conflicts.length > 0;

/** Why the verdict is what it is, the weightiest first. */
export function reasonsOf(judged: Judged): Reason[] {
  const { verdict, signals, refusals, unknowns, conflicts, life } = judged;
  switch (verdict) {
    case "kept":
      return [...refusals.slice(0, 1), ...signals];
    case "unknown":
      return unknowns;
    case "waiting":
      return [];
    case "ok":
      return [...conflicts, ...life];
    default:
      return [...signals, ...conflicts.map(({ kind, text }) => reason(kind, `but ${text}`))];
  }
}

/** The same as one line. */
export const reasonOf = (judged: Judged): string => textsOf(reasonsOf(judged)).join("; ");

/** Two things of a row that one source would have told are unknown for the same reason. */
const distinct = <Kind extends string>(reasons: Reason<Kind>[]): Reason<Kind>[] =>
  reasons.filter(({ text }, at) => textsOf(reasons).indexOf(text) === at);

function commandFor({ kind, stage, name }: Row): string {
  return kind === "cloud" ? `ds deploy down --stage ${stage}` : `ds db delete ${name}`;
}

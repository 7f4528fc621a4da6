import type { Style } from "../lib/terminal/style.ts";
import { table } from "../lib/terminal/table.ts";
import { type Cells, type ColumnKey, cellsOf, titles } from "./cells.ts";
import type { Fact } from "./facts.ts";
import { kindsOf, textsOf } from "./reason.ts";
import { removalOf } from "./removal.ts";
import { listed } from "./sorting.ts";
import { type Sources, sourceNames, sourceWords } from "./sources.ts";
import {
  deletionBlocker,
  isCertain,
  type Judged,
  needsTyping,
  reasonOf,
  reasonsOf,
  type Verdict,
} from "./verdict.ts";

// The audit for those who cannot or will not use the explorer: one document, or one table.

/** What there was at one time. */
export interface Looked {
  sources: Sources;
  all: Judged[];
  now: number;
}

export function auditDocument({ sources, all, now }: Looked) {
  return {
    checkedAt: new Date(now).toISOString(),
    sources: Object.fromEntries(sourceNames.map((name) => [name, sourceDocument(sources[name])])),
    counts: countsOf(all),
    rows: byUrgency(all, now).map(rowDocument),
  };
}

function sourceDocument(said: Sources[keyof Sources]) {
  switch (said.state) {
    case "known":
      return { state: "read" as const };
    case "unknown":
      return {
        state: "failed" as const,
        reason: said.why,
        code: said.code,
        cause: said.reason ?? null,
      };
    case "none":
      return { state: "none" as const };
    case "waiting":
      return { state: "waiting" as const };
  }
}

function countsOf(all: Judged[]): Record<Exclude<Verdict, "waiting">, number> {
  const count = (wanted: Verdict) => all.filter(({ verdict }) => verdict === wanted).length;
  return {
    ok: count("ok"),
    kept: count("kept"),
    "orphan?": count("orphan?"),
    stale: count("stale"),
    unknown: count("unknown"),
  };
}

/** One row, as `--json` has it. */
export function rowDocument(judged: Judged) {
  const { row, verdict, signals, conflicts, life, refusals, unknowns } = judged;
  const { audited, stack, secret, gitBranch, pullRequest } = row;
  const blocker = deletionBlocker(judged);
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    stage: row.stage ?? null,
    owner: row.owner ?? null,
    verdict,
    certain: isCertain(judged),
    deletable: blocker === undefined,
    blocker: blocker?.kind ?? null,
    nameHasToBeTyped: blocker === undefined && needsTyping(judged),
    reason: reasonOf(judged),
    reasons: kindsOf(reasonsOf(judged)),
    signals,
    conflicts: textsOf(conflicts),
    life: textsOf(life),
    neverOffered: textsOf(refusals),
    unknown: textsOf(unknowns),
    branch: audited
      ? {
          id: audited.branch.id,
          name: audited.branch.name,
          createdAt: audited.branch.createdAt,
          expiresAt: audited.branch.expiresAt ?? null,
          lastActiveAt: audited.lastActive ?? null,
          running: audited.running,
          protected: audited.branch.protected,
          default: audited.branch.default,
          logicalSizeBytes: audited.branch.logicalSizeBytes ?? null,
        }
      : null,
    stack: factDocument(stack, ({ fullName: name, resourceCount, busy, lastUpdate }) => ({
      name,
      resourceCount: resourceCount ?? null,
      busy: busy ?? null,
      lastUpdate: lastUpdate ?? null,
    })),
    secret: factDocument(secret, ({ name }) => ({ name })),
    gitBranch: factDocument(gitBranch, (name) => ({ name })),
    pullRequest: factDocument(pullRequest, ({ number, state: is }) => ({
      number,
      pullRequest: is,
    })),
    children: row.children,
    leftovers: row.leftovers,
    deletes: blocker === undefined ? removalOf(judged) : [],
  };
}

function factDocument<T, D extends object>(fact: Fact<T>, there: (value: T) => D) {
  switch (fact.is) {
    case "there":
      return { state: "there" as const, ...there(fact.value) };
    case "gone":
      return { state: "gone" as const, name: fact.name ?? null };
    case "unknown":
      return { state: "unknown" as const, reason: fact.reason.text };
    default:
      return { state: "none" as const };
  }
}

const byUrgency = (all: Judged[], now: number) =>
  listed(all, "", { by: "verdict", reversed: false }, now);

const columns: ColumnKey[] = [
  "branch",
  "owner",
  "age",
  "used",
  "size",
  "stack",
  "secret",
  "git",
  "verdict",
  "why",
];

/** One line a row, whatever its length; failed sources below. */
export function auditTable({ sources, all, now }: Looked, style: Style): string {
  const rows = byUrgency(all, now).map((judged) => {
    const cells = cellsOf(judged, now);
    const painted: Cells = {
      ...cells,
      verdict: verdictStyle(judged.verdict, style)(cells.verdict),
    };
    return columns.map((key) => painted[key]);
  });
  const head = columns.map((key) => style.dim(titles[key]));
  return [...table([head, ...rows]), ...failureText(sources, style)].join("\n");
}

function verdictStyle(verdict: Verdict, style: Style): (text: string) => string {
  if (verdict === "stale") return style.red;
  if (verdict === "orphan?") return style.yellow;
  if (verdict === "unknown") return style.cyan;
  return verdict === "ok" ? style.green : style.dim;
}

function failureText(sources: Sources, style: Style): string[] {
  const lines = sourceNames.flatMap((name) => {
    const said = sources[name];
    return said.state === "unknown" ? [style.red(`${sourceWords[name]}: ${said.why}`)] : [];
  });
  return lines.length > 0 ? ["", ...lines] : [];
}

import { heldStateText, recoveryPointOf } from "../branches/recovery-point.ts";
import { formatBytes } from "../lib/format/bytes.ts";
import { formatDuration } from "../lib/format/duration.ts";
import type { Fact } from "./facts.ts";
import { youngestOf } from "./signals.ts";
import { type Judged, reasonOf } from "./verdict.ts";

export type ColumnKey =
  | "branch"
  | "owner"
  | "age"
  | "used"
  | "size"
  | "stack"
  | "secret"
  | "git"
  | "verdict"
  | "why";

export type Cells = Record<ColumnKey, string>;

export const titles: Cells = {
  branch: "BRANCH",
  owner: "OWNER",
  age: "AGE",
  used: "USED",
  size: "SIZE",
  stack: "STACK",
  secret: "SECRET",
  git: "GIT BRANCH",
  verdict: "VERDICT",
  why: "WHY",
};

/** What one row shows, as plain text. */
export function cellsOf(judged: Judged, now: number): Cells {
  const { row, verdict } = judged;
  const { audited, stack, secret } = row;
  const size = audited?.branch.logicalSizeBytes;
  return {
    branch: audited ? nameText(row, now) : `${clean(row.name)} (no branch)`,
    owner: clean(row.owner ?? ""),
    age: since(row.createdAt ?? youngestOf(row), now),
    used: audited?.running ? "now" : since(audited?.lastActive, now),
    size: size === undefined ? "" : formatBytes(size),
    stack: short(stack, () => {
      if (stack.is !== "there") return "";
      if (stack.value.busy) return "locked";
      const count = stack.value.resourceCount;
      return count === 0 ? "empty" : count === undefined ? "yes" : `${count} res`;
    }),
    secret: short(secret, () => "yes"),
    git: gitText(judged),
    verdict: verdict === "waiting" ? "..." : verdict,
    why: clean(reasonOf(judged)),
  };
}

/** Names come from outside: what moves the cursor or turns the text around is shown as a question mark. */
export const clean = (text: string): string =>
  text.replace(/[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, "?");

/** A recovery point's whole name is in the details. */
function nameText({ name }: Judged["row"], now: number): string {
  const point = recoveryPointOf(name);
  if (point === undefined) return clean(name);
  return `${point.branch} ${heldStateText(point.kind, point.at, new Date(now))}`;
}

/** One word for a fact: its own where it is there. */
function short<T>(fact: Fact<T>, there: () => string): string {
  switch (fact.is) {
    case "there":
      return there();
    case "gone":
      return "gone";
    case "waiting":
      return "...";
    case "unknown":
      return "?";
    case "none":
      return "-";
  }
}

/** A pull request says more than its branch does. */
function gitText({ row: { gitBranch, pullRequest } }: Judged): string {
  if (pullRequest.is === "there") {
    const { number, state } = pullRequest.value;
    return `#${number} ${state}`;
  }
  return short(gitBranch, () => (gitBranch.is === "there" ? clean(gitBranch.value) : ""));
}

function since(time: string | undefined, now: number): string {
  const ms = now - Date.parse(time ?? "");
  return Number.isNaN(ms) ? "" : formatDuration(Math.max(0, ms));
}

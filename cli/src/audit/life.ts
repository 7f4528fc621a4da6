import { ago } from "../lib/format/ago.ts";
import { plural } from "../lib/format/plural.ts";
import { type Reason, reason } from "./reason.ts";
import type { Row } from "./row.ts";

/** What contradicts that something is stale. */
export type ConflictKind = "pull-request-open" | "not-deployed" | "git-branch-there";

/** What else speaks for it. */
export type LifeKind = "stack-there" | "running" | "last-active";

export interface Life {
  conflicts: Reason<ConflictKind>[];
  others: Reason<LifeKind>[];
}

export function lifeOf(row: Row, now: number): Life {
  return { conflicts: conflictsOf(row), others: othersOf(row, now) };
}

function conflictsOf({ gitBranch, kind, pullRequest, stack }: Row): Reason<ConflictKind>[] {
  const conflicts: Reason<ConflictKind>[] = [];
  if (pullRequest.is === "there" && pullRequest.value.state === "open") {
    const text = `pull request #${pullRequest.value.number} is open`;
    conflicts.push(reason("pull-request-open", text));
  }
  if (kind === "cloud" && stack.is === "gone" && stack.name === undefined) {
    const text = "ds deploy did not make it, so it may never have had one";
    conflicts.push(reason("not-deployed", text));
  }
  if (gitBranch.is === "there") {
    conflicts.push(reason("git-branch-there", `the git branch ${gitBranch.value} is there`));
  }
  return conflicts;
}

function othersOf({ stack, audited }: Row, now: number): Reason<LifeKind>[] {
  const others: Reason<LifeKind>[] = [];
  if (stack.is === "there" && stack.value.resourceCount !== 0) {
    const count = stack.value.resourceCount;
    const size = count === undefined ? "there" : `there, with ${plural(count, "resource")}`;
    others.push(reason("stack-there", `the stack ${stack.value.fullName} is ${size}`));
  }
  if (audited?.running) others.push(reason("running", "its compute is running"));
  else if (audited?.lastActive) {
    others.push(reason("last-active", `it was last active ${ago(audited.lastActive, now)}`));
  }
  return others;
}

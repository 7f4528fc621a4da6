import { ago } from "../lib/format/ago.ts";
import { type Reason, reason } from "./reason.ts";
import type { SignalKind } from "./signals.ts";
import { type BlockerKind, deletionBlocker, isCertain, type Judged, reasonOf } from "./verdict.ts";

export type ChangeKind =
  | BlockerKind
  | "branch-appeared"
  | "renamed"
  | "data-replaced"
  | "running"
  | "used"
  | "forked"
  | "more-leftovers"
  | "stack-appeared"
  | "stack-filled"
  | "git-branch-there"
  | "pull-request-open"
  | "expires-later"
  | "protected"
  | "less-certain";

/** What keeps a row that was to be deleted, as a clause for people. */
type Change = Reason<ChangeKind>;

/** What became of a row since it was listed, in as much as it matters for its deletion. */
export type Since =
  | { is: "gone" }
  /** One at least. */
  | { is: "changed"; changes: Change[] }
  | { is: "same"; judged: Judged };

/**
 * @param before as a person or a run saw it and decided that it goes
 * @param all everything as it is now
 */
export function since(before: Judged, all: Judged[], now: number): Since {
  const after = all.find(({ row }) => row.id === before.row.id);
  if (after === undefined) {
    const heir = before.row.audited ? undefined : ofStage(all, before.row.stage);
    if (heir === undefined) return { is: "gone" };
    const change = reason("branch-appeared", `the branch ${heir.row.name} belongs to it now`);
    return { is: "changed", changes: [change] };
  }
  const changes = changesBetween(before, after, now);
  if (changes.length === 0) {
    const refusal = deletionBlocker(after);
    if (refusal !== undefined) changes.push(refusal);
    // A run that nobody watches goes by nothing less; what a person saw as doubtful they have decided on.
    else if (isCertain(before) && !isCertain(after)) {
      const text = `it is not stale beyond doubt any more: ${reasonOf(after)}`;
      changes.push(reason("less-certain", text));
    }
  }
  return changes.length > 0 ? { is: "changed", changes } : { is: "same", judged: after };
}

const ofStage = (all: Judged[], stage: string | undefined) =>
  all.find(({ row }) => row.audited !== undefined && row.stage === stage);

function changesBetween(before: Judged, after: Judged, now: number): Change[] {
  const changes: Change[] = [];
  const add = (kind: ChangeKind, text: string) => changes.push(reason(kind, text));
  const [was, is] = [before.row, after.row];
  if (was.name !== is.name) add("renamed", `it is called ${is.name} now`);
  if (was.audited?.branch.lastResetAt !== is.audited?.branch.lastResetAt) {
    add("data-replaced", "its data was replaced by a reset or a restore");
  }
  if (is.audited?.running && !was.audited?.running) {
    add("running", "somebody is using it: its compute is running");
  } else if (isLater(is.audited?.lastActive, was.audited?.lastActive)) {
    add("used", `somebody used it ${ago(is.audited?.lastActive ?? "", now)}`);
  }
  const gained = is.children.filter((name) => !was.children.includes(name));
  if (gained.length > 0) add("forked", `${gained.join(", ")} forks from it now`);
  const appeared = is.leftovers.filter(({ id }) => !was.leftovers.some((old) => old.id === id));
  if (appeared.length > 0) {
    const names = appeared.map(({ name }) => name).join(", ");
    add("more-leftovers", `there is more that would go with it: ${names}`);
  }
  if (is.stack.is === "there" && was.stack.is !== "there") {
    add("stack-appeared", `it has a stack now: ${is.stack.value.fullName}`);
  } else if (lost(before, after, "no-stack")) {
    add("stack-filled", "its stack has resources now");
  }
  if (lost(before, after, "git-branch-gone")) {
    add("git-branch-there", "its git branch is there again");
  }
  if (lost(before, after, "pull-request-closed")) {
    add("pull-request-open", "its pull request is open again");
  }
  if (lost(before, after, "expired")) {
    add("expires-later", "it was given more time before it expires");
  }
  if (is.audited?.branch.protected && !was.audited?.branch.protected) {
    add("protected", "it is protected now");
  }
  return changes;
}

const lost = (before: Judged, after: Judged, kind: SignalKind) =>
  has(before, kind) && !has(after, kind) && after.unknowns.length === 0;

const has = ({ signals }: Judged, kind: SignalKind) =>
  signals.some((signal) => signal.kind === kind);

function isLater(time: string | undefined, than: string | undefined): boolean {
  if (time === undefined) return false;
  return than === undefined || Date.parse(time) > Date.parse(than);
}

import { ago } from "../lib/format/ago.ts";
import type { SignalKind } from "./signals.ts";
import { deletionBlocker, isCertain, type Judged, reasonOf } from "./verdict.ts";

/** What became of a row since it was listed, in as much as it matters for its deletion. */
export type Since =
  | { is: "gone" }
  /** Sentences, one at least. */
  | { is: "changed"; changes: string[] }
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
    return { is: "changed", changes: [`the branch ${heir.row.name} belongs to it now`] };
  }
  const changes = changesBetween(before, after, now);
  if (changes.length === 0) {
    const refusal = deletionBlocker(after);
    if (refusal !== undefined) changes.push(refusal);
    // A run that nobody watches goes by nothing less; what a person saw as doubtful they have decided on.
    else if (isCertain(before) && !isCertain(after)) {
      changes.push(`it is not stale beyond doubt any more: ${reasonOf(after)}`);
    }
  }
  return changes.length > 0 ? { is: "changed", changes } : { is: "same", judged: after };
}

const ofStage = (all: Judged[], stage: string | undefined) =>
  all.find(({ row }) => row.audited !== undefined && row.stage === stage);

function changesBetween(before: Judged, after: Judged, now: number): string[] {
  const changes: string[] = [];
  const [was, is] = [before.row, after.row];
  if (was.name !== is.name) changes.push(`it is called ${is.name} now`);
  if (was.audited?.branch.lastResetAt !== is.audited?.branch.lastResetAt) {
    changes.push("its data was replaced by a reset or a restore");
  }
  if (is.audited?.running && !was.audited?.running) {
    changes.push("somebody is using it: its compute is running");
  } else if (isLater(is.audited?.lastActive, was.audited?.lastActive)) {
    changes.push(`somebody used it ${ago(is.audited?.lastActive ?? "", now)}`);
  }
  const gained = is.children.filter((name) => !was.children.includes(name));
  if (gained.length > 0) changes.push(`${gained.join(", ")} forks from it now`);
  const appeared = is.leftovers.filter(({ id }) => !was.leftovers.some((old) => old.id === id));
  if (appeared.length > 0) {
    changes.push(`there is more that would go with it: ${appeared.map((b) => b.name).join(", ")}`);
  }
  if (isThere(after, "stack") && !isThere(before, "stack")) {
    changes.push(`it has a stack now: ${is.stack.is === "there" ? is.stack.value.fullName : ""}`);
  } else if (lost(before, after, "no-stack")) {
    changes.push("its stack has resources now");
  }
  if (lost(before, after, "git-branch-gone")) changes.push("its git branch is there again");
  if (lost(before, after, "pull-request-closed")) changes.push("its pull request is open again");
  if (lost(before, after, "expired")) changes.push("it was given more time before it expires");
  if (is.audited?.branch.protected && !was.audited?.branch.protected) {
    changes.push("it is protected now");
  }
  return changes;
}

const isThere = ({ row }: Judged, what: "stack") => row[what].is === "there";

const lost = (before: Judged, after: Judged, kind: SignalKind) =>
  has(before, kind) && !has(after, kind) && after.unknowns.length === 0;

const has = ({ signals }: Judged, kind: SignalKind) =>
  signals.some((signal) => signal.kind === kind);

function isLater(time: string | undefined, than: string | undefined): boolean {
  if (time === undefined) return false;
  return than === undefined || Date.parse(time) > Date.parse(than);
}

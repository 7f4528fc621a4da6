import { ago } from "../lib/format/ago.ts";
import { formatDuration } from "../lib/format/duration.ts";
import { listed } from "../lib/format/listed.ts";
import { type Reason, reason } from "./reason.ts";
import type { Row } from "./row.ts";
import { type AuditPolicy, ageOf, graceOf, youngestOf } from "./signals.ts";

/** Why a row is never offered, whatever says that it is stale. */
export type RefusalKind = LastingKind | PassingKind;

type LastingKind =
  | "default-branch"
  | "root-branch"
  | "shared"
  | "protected"
  | "has-children"
  | "renamed"
  | "foreign-name"
  | "recovery-point"
  | "stack-locked";

type PassingKind = "running" | "age-unknown" | "young" | "used-recently";

export function lastingRefusals(row: Row): Reason<LastingKind>[] {
  const { kind, audited, children, copyOf, stack } = row;
  const branch = audited?.branch;
  const refusals: Reason<LastingKind>[] = [];
  if (kind === "shared") refusals.push(sharedReason(row));
  if (branch?.protected) refusals.push(reason("protected", "it is protected"));
  if (children.length > 0) {
    const text = `other branches fork from it: ${listed(children)}`;
    refusals.push(reason("has-children", text));
  }
  if (kind === "other") refusals.push(foreignReason(row));
  if (kind === "recovery" && copyOf?.exists) {
    refusals.push(reason("recovery-point", `it is a recovery point of ${copyOf.name}`));
  }
  if (stack.is === "there" && stack.value.busy) {
    const text = `its stack ${stack.value.fullName} is locked, or being updated`;
    refusals.push(reason("stack-locked", text));
  }
  return refusals;
}

/** Those that time alone takes away. */
export function passingRefusals(row: Row, policy: AuditPolicy, now: number): Reason<PassingKind>[] {
  const grace = graceOf(row, policy);
  const limit = formatDuration(grace);
  const youngest = youngestOf(row);
  const age = ageOf(youngest, now);
  const refusals: Reason<PassingKind>[] = [];
  if (row.audited?.running && row.kind !== "throwaway") {
    refusals.push(reason("running", "its compute is running"));
  }
  if (age === undefined) refusals.push(reason("age-unknown", "nothing says how old it is"));
  else if (age < grace) {
    const when = ago(youngest ?? "", now);
    refusals.push(reason("young", `it was made or changed ${when}, within the last ${limit}`));
  }
  const { lastActive } = row.audited ?? {};
  const quiet = ageOf(lastActive, now);
  if (quiet !== undefined && quiet < grace) {
    const when = ago(lastActive ?? "", now);
    refusals.push(reason("used-recently", `it was used ${when}, within the last ${limit}`));
  }
  return refusals;
}

function sharedReason({ audited, name }: Row): Reason<LastingKind> {
  if (audited?.branch.default) {
    return reason("default-branch", "it is the project's default branch");
  }
  if (audited && audited.branch.parentId === undefined) {
    return reason("root-branch", "it is a root branch");
  }
  return reason("shared", `ds.config.ts declares ${name} as shared`);
}

function foreignReason({ audited, stage }: Row): Reason<LastingKind> {
  return audited?.stamp
    ? reason(
        "renamed",
        `it was made for the stage ${stage}, and somebody has given it another name`,
      )
    : reason("foreign-name", "its name is not one that ds gives");
}

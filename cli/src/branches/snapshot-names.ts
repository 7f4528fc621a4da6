import { DsError } from "../errors/ds-error.ts";
import type { Branch, Snapshot } from "../neon/model.ts";

/** A name for a snapshot: `phil-local 2026-12-01T10:20:30Z` where nobody gave one. */
export function snapshotName(wanted: string | undefined, branch: Branch, now: Date): string {
  const name = wanted ?? `${branch.name.slice(0, 200)} ${now.toISOString().slice(0, 19)}Z`;
  if (name !== "" && name === name.trim() && name.length <= 256 && !/\p{Cc}/u.test(name))
    return name;
  throw new DsError("USAGE", `"${name}" cannot name a snapshot`, {
    reason: "NAME_INVALID",
    hint: "Use at most 256 characters, without blanks around them.",
  });
}

/** A snapshot by its id, else by its name; of several of one name that of the branch in question. */
export function snapshotNamed(
  snapshots: readonly Snapshot[],
  name: string,
  branch: Branch | undefined,
): Snapshot {
  const byId = snapshots.find(({ id }) => id === name);
  if (byId) return byId;
  const named = snapshots.filter((each) => each.name === name);
  const own = named.filter(({ branchId }) => branchId === branch?.id);
  const [first, second] = own.length > 0 ? own : named;
  if (first === undefined) {
    throw new DsError("NOT_FOUND", `there is no snapshot "${name}"`, {
      reason: "SNAPSHOT_NOT_FOUND",
      hint: "See which there are: ds db snapshot list",
    });
  }
  if (second === undefined) return first;
  const ids = [...(own.length > 0 ? own : named)].map(({ id }) => id).join(", ");
  throw new DsError("CONFLICT", `there are several snapshots called "${name}": ${ids}`, {
    reason: "SNAPSHOT_NAME_AMBIGUOUS",
    hint: `Name one by its id: ds db snapshot list`,
  });
}

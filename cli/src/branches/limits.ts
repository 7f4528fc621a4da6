import { DsError } from "../errors/ds-error.ts";
import { formatBytes } from "../lib/format/bytes.ts";
import { plural } from "../lib/format/plural.ts";
import type { Branch } from "../neon/model.ts";
import { ownerOfBranch } from "../stages/owner-note.ts";
import { parseEphemeralName } from "./ephemeral-name.ts";
import { recoveryPointOf } from "./recovery-point.ts";

/** What one developer's branches may be together, agents' included; undefined: as much as there is. */
export interface Limits {
  branches: number | undefined;
  /** Of logical size, as branches share what they have in common. */
  bytes: number | undefined;
}

/** Why the owner gets no further branch; undefined where one more is within the limits. */
export function limitRefusal(
  owner: string,
  branches: readonly Branch[],
  parent: Pick<Branch, "logicalSizeBytes"> | undefined,
  limits: Limits,
): DsError | undefined {
  const own = branches.filter((branch) => ownerOf(branch) === owner);
  const sizes = [parent, ...own].map((branch) => branch?.logicalSizeBytes ?? 0);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const refuse = (what: string, most: string) =>
    new DsError("REFUSED", `${owner} would have ${what}, and ds.config.ts allows ${most}`, {
      reason: "OWNER_LIMIT",
      hint: "Delete what is no longer needed: ds db audit, ds db delete",
      details: { owner, branches: own.map(({ name }) => name) },
    });
  const count = own.length + 1;
  if (limits.branches !== undefined && count > limits.branches) {
    return refuse(plural(count, "branch", "branches"), String(limits.branches));
  }
  if (limits.bytes !== undefined && bytes > limits.bytes) {
    return refuse(`branches of ${formatBytes(bytes)}`, formatBytes(limits.bytes));
  }
  return undefined;
}

/** Whose it is, by what is written on it or by its name; nobody's: recovery points and throwaways. */
function ownerOf(branch: Branch): string | undefined {
  if (recoveryPointOf(branch.name) || parseEphemeralName(branch.name)) return undefined;
  return ownerOfBranch(branch);
}

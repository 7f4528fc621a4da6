import type { AppContext } from "../../app-context.ts";
import { ownBranch } from "../../branches/io/own-branch.ts";
import { verifyBranchIdentity } from "../../branches/io/restore-keeping.ts";
import { DsError } from "../../errors/ds-error.ts";
import { formatBytes } from "../../lib/format/bytes.ts";
import { outsideHistory } from "../../neon/outside-history.ts";
import { describeMoment, type PointInTime, parseMoment } from "../../neon/point-in-time.ts";
import { keptText, swapBranchData } from "../../restore/io/exchange-data.ts";
import type { Target } from "../../stages/io/target.ts";

interface Flags {
  target?: string;
  at?: string;
  yes: boolean;
}

/** Brings a stage's branch back to an earlier moment of itself, and keeps its address. */
export default async function restore(context: AppContext, flags: Flags): Promise<void> {
  const { output, signal } = context;
  if (flags.at === undefined) {
    throw new DsError("USAGE", "--at is missing: the moment to go back to", {
      hint: 'For example: ds db restore --at "10 minutes ago"',
    });
  }
  const at = parseMoment(flags.at, new Date());
  const target = await ownBranch(context, flags.target, "restored");
  const { stage, branch } = target;
  refuseBeforeReset(target, at);
  const url = await target.connectionUrl();
  const then = describeMoment(at, new Date());
  output.note(
    `stage ${stage.name}, branch ${branch.name} (${branch.id}), to be restored to ${then}`,
  );
  const again = `ds db restore --at "${flags.at}" --yes${flags.target === undefined ? "" : ` --target ${flags.target}`}`;
  await context.confirm({ message: question(target, then), yes: flags.yes, command: again });
  await verifyBranchIdentity(target, url);
  signal.throwIfAborted();

  const point = await output.step(`restore ${branch.name} to ${then}`, () =>
    swapBranchData(context, target, {
      source: { sourceBranchId: branch.id, at },
      kind: "restore",
      next: again,
      whenDone: "ds db status",
    }).catch((error) => {
      throw outsideHistory(error, at);
    }),
  );
  output.result(
    {
      status: "restored",
      stage: stage.name,
      branch: { id: branch.id, name: branch.name },
      at,
      recoveryPoint: point,
    },
    [
      `${branch.name} is as it was at ${then}.`,
      "The connection string is the same as before.",
      ...keptText(point),
    ].join("\n"),
  );
}

/** The branch has other data since; asking for that moment, a person means the data it had then. */
function refuseBeforeReset({ stage, branch }: Target, at: PointInTime): void {
  const { lastResetAt } = branch;
  if (lastResetAt === undefined || "lsn" in at) return;
  if (Date.parse(at.timestamp) >= Date.parse(lastResetAt)) return;
  throw new DsError(
    "NOT_FOUND",
    `stage ${stage.name}: the history of branch ${branch.name} begins with its last reset or restore, at ${lastResetAt}`,
    { hint: "`ds db undo` brings back what was before that." },
  );
}

function question({ stage, branch }: Target, then: string): string {
  const size =
    branch.logicalSizeBytes === undefined ? "" : `, ${formatBytes(branch.logicalSizeBytes)}`;
  return (
    `restore stage ${stage.name} (branch ${branch.name}${size}) to ${then}? ` +
    "What was written to it since is lost (a recovery point keeps it), and its open sessions are dropped."
  );
}

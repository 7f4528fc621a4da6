import type { AppContext } from "../../app-context.ts";
import { ownBranch } from "../../branches/io/own-branch.ts";
import { type Restore, verifyBranchIdentity } from "../../branches/io/restore-keeping.ts";
import { DsError } from "../../errors/ds-error.ts";
import { ago } from "../../lib/format/ago.ts";
import { formatBytes } from "../../lib/format/bytes.ts";
import { lastMigrate } from "../../migrations/run/io/last-migrate.ts";
import { outsideHistory } from "../../neon/outside-history.ts";
import { withPostgres } from "../../postgres/io/connect.ts";
import { keepPoint, keptText, swapBranchData } from "../../restore/io/exchange-data.ts";
import { type LastChange, lastChange } from "../../restore/last-change.ts";
import type { Target } from "../../stages/io/target.ts";

interface Flags {
  target?: string;
  yes: boolean;
}

/** Brings back what a stage's branch held before its last reset, restore, migrate or undo. */
export default async function undo(context: AppContext, flags: Flags): Promise<void> {
  const { output, signal } = context;
  const target = await ownBranch(context, flags.target, "changed");
  const { stage, project, branch } = target;
  const { schema } = (await context.config()).migrations;
  const url = await target.connectionUrl();
  await verifyBranchIdentity(target, url);
  const what = `branch ${branch.name}`;
  const migrated = await withPostgres(url, { what }, (client) =>
    lastMigrate(client, schema, branch.id),
  );
  const change = lastChange(branch, target.branches, migrated);
  if (change === undefined) throw nothingToUndo(target);

  output.note(`stage ${stage.name}, ${what} (${branch.id}), to be as before ${described(change)}`);
  const again = `ds db undo --yes${flags.target === undefined ? "" : ` --target ${flags.target}`}`;
  await context.confirm({ message: question(target, change), yes: flags.yes, command: again });
  signal.throwIfAborted();

  const point = await output.step(
    `bring back ${branch.name} as before ${described(change)}`,
    async () => {
      if (change.what !== "migrate") await keepPoint(context, project.id, change.point);
      const restore: Restore = {
        source: sourceOf(target, change),
        kind: "undo",
        next: again,
        whenDone: "ds db status",
      };
      return swapBranchData(context, target, restore).catch((error) => {
        throw change.what === "migrate" ? outsideHistory(error, change) : error;
      });
    },
  );
  output.result(
    {
      status: "undone",
      stage: stage.name,
      branch: { id: branch.id, name: branch.name },
      undone: { what: change.what, at: change.at.toISOString() },
      source:
        change.what === "migrate"
          ? { at: change.timestamp }
          : { id: change.point.id, name: change.point.name },
      recoveryPoint: point,
    },
    [
      `${branch.name} is as it was before ${described(change)}.`,
      "The connection string is the same as before.",
      ...keptText(point),
    ].join("\n"),
  );
}

function sourceOf({ branch }: Target, change: LastChange): Restore["source"] {
  return change.what === "migrate"
    ? { sourceBranchId: branch.id, at: { timestamp: change.timestamp } }
    : { sourceBranchId: change.point.id };
}

const described = ({ what, at }: LastChange) =>
  `the ${what} of ${at.toISOString()} (${ago(at.toISOString(), Date.now())})`;

function question({ stage, branch }: Target, change: LastChange): string {
  const size = (bytes: number | undefined) =>
    bytes === undefined ? "" : `, ${formatBytes(bytes)}`;
  const back =
    change.what === "migrate"
      ? "what the branch held just before it"
      : `what is kept as ${change.point.name}${size(change.point.logicalSizeBytes)}`;
  return (
    `undo ${described(change)} on stage ${stage.name} (branch ${branch.name}${size(branch.logicalSizeBytes)})? ` +
    `It brings back ${back}. What was written since is lost (a recovery point keeps it, and undo ` +
    "brings it back), and open sessions are dropped."
  );
}

function nothingToUndo({ stage, branch }: Target): DsError {
  return new DsError(
    "NOT_FOUND",
    `stage ${stage.name}: nothing to undo on branch ${branch.name}: no reset, restore or migrate of it is known, or its recovery point is gone`,
    { hint: 'To go back to a moment instead: ds db restore --at "10 minutes ago"' },
  );
}

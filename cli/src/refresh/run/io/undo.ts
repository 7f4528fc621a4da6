import { type RecoveryPoint, verifyBranchIdentity } from "../../../branches/io/restore-keeping.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { ago } from "../../../lib/format/ago.ts";
import { formatBytes } from "../../../lib/format/bytes.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import { keepPoint } from "../../../restore/io/exchange-data.ts";
import { keptText } from "../../../restore/kept-text.ts";
import { isMoment, lastChange } from "../../../restore/last-change.ts";
import type { HasConfirm } from "../../../runtime/io/confirm.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Target } from "../../../stages/io/target.ts";
import { withRefreshLock } from "./lock.ts";
import { refuseProtected, swapMain } from "./swap.ts";

export interface UndoReport {
  status: "undone";
  branch: { id: string; name: string };
  undone: { what: string; at: string };
  source: { id: string; name: string };
  recoveryPoint: RecoveryPoint | null;
}

/** `--undo`: main as it was before the last refresh, or the last undo. */
export async function undoRefresh(
  context: Runtime & HasNeon & HasEngine & HasConfirm,
  main: Target,
  yes: boolean,
): Promise<UndoReport> {
  return withRefreshLock(context, main, async () => {
    const { project, branch } = main;
    refuseProtected(main);
    await verifyBranchIdentity(main, await main.connectionUrl());
    const change = lastChange(branch, main.branches);
    if (change === undefined || isMoment(change)) throw nothingToUndo(main);
    const { point } = change;
    const undone = { what: change.what, at: change.at.toISOString() };
    const when = described(undone);
    const size =
      point.logicalSizeBytes === undefined ? "" : `, ${formatBytes(point.logicalSizeBytes)}`;
    const command = "ds db refresh-staging --undo --yes";
    await context.confirm({
      message: `bring ${branch.name} of ${project.name} back to before the ${when}? It becomes ${point.name}${size}; what it is now is kept under another name.`,
      yes,
      command,
    });
    context.signal.throwIfAborted();
    const title = `bring ${branch.name} back to before the ${when}`;
    const recoveryPoint = await context.output.step(title, async () => {
      await keepPoint(context, project.id, point);
      return swapMain(context, main, {
        source: { sourceBranchId: point.id },
        becomes: `brought back to before the ${when}`,
        kind: "undo",
        next: command,
        whenDone: "ds db branches shows whether there is a new main-before-undo",
      });
    });
    return {
      status: "undone",
      branch: { id: branch.id, name: branch.name },
      undone,
      source: { id: point.id, name: point.name },
      recoveryPoint,
    };
  });
}

/** The report as a person reads it. */
export const undoText = ({ branch, undone, recoveryPoint }: UndoReport): string =>
  [
    `${branch.name} is as it was before the ${described(undone)}.`,
    "Its connection string is the same; other branches are untouched.",
    ...keptText(recoveryPoint, "ds db refresh-staging --undo"),
  ].join("\n");

const described = ({ what, at }: UndoReport["undone"]): string =>
  `${what} of ${at} (${ago(at, Date.now())})`;

function nothingToUndo({ branch, project }: Target): DsError {
  return new DsError(
    "NOT_FOUND",
    `nothing to undo: no state of ${branch.name} of ${project.name} from before a refresh is kept`,
    { reason: "NOTHING_TO_UNDO", hint: "See which branches there are: ds db branches" },
  );
}

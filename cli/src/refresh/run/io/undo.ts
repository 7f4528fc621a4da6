import { verifyBranchIdentity } from "../../../branches/io/restore-keeping.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { ago } from "../../../lib/format/ago.ts";
import { formatBytes } from "../../../lib/format/bytes.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import { lastChange } from "../../../restore/last-change.ts";
import type { HasConfirm } from "../../../runtime/io/confirm.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Target } from "../../../stages/io/target.ts";
import { withRefreshLock } from "./lock.ts";
import { keptMain, refuseProtected, swapMain } from "./swap.ts";

/** `--undo`: main as it was before the last refresh, or the last undo. */
export async function undoRefresh(
  context: Runtime & HasNeon & HasEngine & HasConfirm,
  main: Target,
  yes: boolean,
): Promise<void> {
  await withRefreshLock(context, main, async () => {
    const { output } = context;
    const { project, branch } = main;
    refuseProtected(main);
    await verifyBranchIdentity(main, await main.connectionUrl());
    const change = lastChange(branch, main.branches, undefined);
    if (change === undefined || change.what === "migrate") throw nothingToUndo(main);
    const { point } = change;
    const when = `${change.what} of ${change.at.toISOString()} (${ago(change.at.toISOString(), Date.now())})`;
    const size =
      point.logicalSizeBytes === undefined ? "" : `, ${formatBytes(point.logicalSizeBytes)}`;
    const command = "ds db refresh-staging --undo --yes";
    await context.confirm({
      message: `bring ${branch.name} of ${project.name} back to before the ${when}? It becomes ${point.name}${size}; what it is now is kept under another name.`,
      yes,
      command,
    });
    context.signal.throwIfAborted();
    const kept = await output.step(`bring ${branch.name} back to before the ${when}`, async () => {
      if (point.expiresAt !== undefined) {
        // What main is made of from now on must not go at a set time.
        await (await context.neon()).updateBranch(project.id, point.id, { expiresAt: null });
      }
      return swapMain(context, main, {
        source: { sourceBranchId: point.id },
        kind: "undo",
        next: command,
        whenDone: "ds db branches shows whether there is a new main-before-undo",
      });
    });
    output.result(
      {
        status: "undone",
        branch: { id: branch.id, name: branch.name },
        undone: { what: change.what, at: change.at.toISOString() },
        source: { id: point.id, name: point.name },
        recoveryPoint: kept ?? null,
      },
      [
        `${branch.name} is as it was before the ${when}.`,
        "Its connection string is the same; other branches are untouched.",
        ...keptMain(branch, kept),
      ].join("\n"),
    );
  });
}

function nothingToUndo({ branch, project }: Target): DsError {
  return new DsError(
    "NOT_FOUND",
    `nothing to undo: no state of ${branch.name} of ${project.name} from before a refresh is kept`,
    { reason: "NOTHING_TO_UNDO", hint: "See which branches there are: ds db branches" },
  );
}

import { randomBytes } from "node:crypto";
import { pid } from "node:process";
import { ephemeralName } from "../../branches/ephemeral-name.ts";
import { ownBranch } from "../../branches/io/own-branch.ts";
import {
  type RecoveryPoint,
  uninterruptedApi,
  verifyBranchIdentity,
} from "../../branches/io/restore-keeping.ts";
import { snapshotNamed } from "../../branches/snapshot-names.ts";
import type { HasConfig } from "../../config/project-config.ts";
import type { HasEngine } from "../../engine/io/daemon.ts";
import { shellWord } from "../../lib/text/shell-quote.ts";
import { targetWords } from "../../migrations/run/io/target.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import type { Snapshot } from "../../neon/model.ts";
import type { HasConfirm } from "../../runtime/io/confirm.ts";
import { ensureMachineId } from "../../runtime/io/machine-id.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import type { HasStage, HasTarget, Target } from "../../stages/io/target.ts";
import { restoreQuestion } from "../questions.ts";
import { swapBranchData } from "./exchange-data.ts";
import type { ChangeFlags } from "./reset.ts";

/** The branch hangs on it from then on, so that it stays beyond its time, until that is reset to main or deleted. */
const previewLifeMs = 3_600_000;

type Needs = Runtime &
  HasConfig &
  HasDeveloper &
  HasStage &
  HasTarget &
  HasConfirm &
  HasEngine &
  HasNeon;

/**
 * Makes a stage's branch what a snapshot holds, and keeps its address. The snapshot becomes a throwaway branch first, which
 * is then the source of one exchange: so the branch stays the one it is, and its state until now is kept.
 */
export async function restoreSnapshot(
  context: Needs,
  name: string,
  flags: ChangeFlags,
): Promise<{ target: Target; snapshot: Snapshot; recoveryPoint: RecoveryPoint | null }> {
  const target = await ownBranch(context, flags.target, "restored");
  const { stage, branch, project } = target;
  const snapshots = await (await context.neon()).listSnapshots(project.id);
  const snapshot = snapshotNamed(snapshots, name, branch);
  const then = `the snapshot ${snapshot.name}`;
  context.output.note(
    `stage ${stage.name}, branch ${branch.name} (${branch.id}), to be restored to ${then}`,
  );
  const again = `ds db snapshot restore ${shellWord(name)} --yes${targetWords(flags)}`;
  await context.confirm({
    message: restoreQuestion(target, then),
    yes: flags.yes,
    command: again,
  });
  await verifyBranchIdentity(target, await target.connectionUrl());
  const keep = (await context.config()).recoveryPoints;
  context.signal.throwIfAborted();
  const recoveryPoint = await context.output.step(`restore ${branch.name} to ${then}`, async () => {
    const preview = await makePreview(context, target, snapshot);
    return await swapBranchData(context, target, {
      source: { sourceBranchId: preview.id },
      becomes: `restored to ${then}`,
      kind: "restore",
      keep,
      next: again,
      whenDone: "ds db status",
    }).catch(async (error) => {
      await preview.remove();
      throw error;
    });
  });
  return { target, snapshot, recoveryPoint };
}

async function makePreview(
  context: Needs,
  { project, branch, main }: Target,
  snapshot: Snapshot,
): Promise<{ id: string; remove(): Promise<void> }> {
  const api = await uninterruptedApi(context)();
  const maker = { machine: await ensureMachineId(context.home), pid };
  const name = ephemeralName("snapshot", branch.name, maker, randomBytes(2).toString("hex"));
  const expiresAt = new Date(Date.now() + previewLifeMs).toISOString();
  const { changes } = context.output;
  // Below main: what the target's state is exchanged with must not hang on that state.
  const { id } = await changes.quietly(async () => {
    const made = await api.branchFromSnapshot(project.id, snapshot.id, {
      name,
      belowBranchId: main.id,
    });
    return await api.updateBranch(project.id, made.id, { expiresAt });
  });
  const remove = () =>
    changes
      .quietly(() => api.deleteBranch(project.id, id))
      .then(
        () => {},
        (error: Error) => context.output.warn(`${name} is left over: ${error.message}`),
      );
  return { id, remove };
}

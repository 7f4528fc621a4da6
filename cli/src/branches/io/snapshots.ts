import { DsError } from "../../errors/ds-error.ts";
import { shellWord } from "../../lib/text/shell-quote.ts";
import type { Branch, Snapshot } from "../../neon/model.ts";
import type { HasConfirm } from "../../runtime/io/confirm.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import { type ProjectSources, requireProject } from "../../stages/io/project.ts";
import type { HasTarget, Target } from "../../stages/io/target.ts";
import { refuseOthersBranch } from "../refusals.ts";
import { snapshotName, snapshotNamed } from "../snapshot-names.ts";

/** Keeps a branch's data as it is now, until somebody deletes it, or for a time. Nothing of the branch changes. */
export async function saveSnapshot(
  context: Runtime & ProjectSources & HasTarget,
  wanted: string | undefined,
  { target: stage, ttl }: { target: string | undefined; ttl: number | undefined },
): Promise<{ target: Target; snapshot: Snapshot }> {
  const target = await context.target(stage);
  const { project, branch } = target;
  const name = snapshotName(wanted, branch, new Date());
  const neon = await context.neon();
  if ((await neon.listSnapshots(project.id)).some((each) => each.name === name)) {
    throw new DsError("CONFLICT", `the project ${project.name} already has a snapshot ${name}`, {
      reason: "SNAPSHOT_NAME_TAKEN",
      hint: `Choose another name, or delete that one: ds db snapshot delete ${shellWord(name)}`,
    });
  }
  const expiry = ttl === undefined ? {} : { expiresAt: new Date(Date.now() + ttl).toISOString() };
  const snapshot = await context.output.step(`Saving ${branch.name} as the snapshot ${name}`, () =>
    neon.createSnapshot(project.id, branch.id, { name, ...expiry }),
  );
  return { target, snapshot };
}

export interface ListedSnapshot {
  snapshot: Snapshot;
  /** Undefined where that branch is gone. */
  branch: Branch | undefined;
}

/** Of the configuration's project, the newest first. */
export async function listSnapshots(context: ProjectSources): Promise<ListedSnapshot[]> {
  const neon = await context.neon();
  const project = await requireProject(context, (await context.config()).project);
  const [snapshots, branches] = await Promise.all([
    neon.listSnapshots(project.id),
    neon.listBranches(project.id),
  ]);
  return snapshots
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
    .map((snapshot) => ({
      snapshot,
      branch: branches.find(({ id }) => id === snapshot.branchId),
    }));
}

/** Deletes a snapshot of a branch of one's own, or of one that is gone, once somebody has confirmed it. */
export async function deleteSnapshot(
  context: Runtime & ProjectSources & HasDeveloper & HasConfirm,
  name: string,
  yes: boolean,
): Promise<Snapshot> {
  const neon = await context.neon();
  const config = await context.config();
  const project = await requireProject(context, config.project);
  const [snapshots, branches] = await Promise.all([
    neon.listSnapshots(project.id),
    neon.listBranches(project.id),
  ]);
  const snapshot = snapshotNamed(snapshots, name, undefined);
  const branch = branches.find(({ id }) => id === snapshot.branchId);
  if (branch !== undefined) {
    const oneself = {
      developer: (await context.developer()).name,
      isLocal: neon.local,
      sharedBranches: Object.values(config.stages).flatMap((stage) => stage.branch ?? []),
    };
    refuseOthersBranch(branch, oneself, "robbed of a snapshot");
  }
  await context.confirm({
    message: `Delete the snapshot ${snapshot.name} (${snapshot.id}${branch ? `, of ${branch.name}` : ""})? Nothing brings it back.`,
    yes,
    command: `ds db snapshot delete ${shellWord(name)} --yes`,
  });
  await context.output.step(`Deleting the snapshot ${snapshot.name}`, () =>
    neon.deleteSnapshot(project.id, snapshot.id),
  );
  return snapshot;
}

import type { ProjectConfig } from "../../config/project-config.ts";
import { ciDeveloper } from "../../deploy/cloud-stage.ts";
import type { HasStacks } from "../../deploy/pulumi/io/stacks.ts";
import { impatient } from "../../deploy/pulumi/update.ts";
import { DsError } from "../../errors/ds-error.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasSecrets } from "../../secrets/io/secret-store.ts";
import { otherOwner } from "../../secrets/io/secret-store.ts";
import { recoveryDays } from "../../secrets/secret.ts";
import { type ProjectSources, requireProject } from "../../stages/io/project.ts";
import type { RemovalChange } from "../outcome.ts";
import { reason } from "../reason.ts";
import type { RemovalStep } from "../removal.ts";
import type { Judged } from "../verdict.ts";
import type { AuditContext } from "./audit-context.ts";

/**
 * Carries out one step of a removal; what is gone already is no failure.
 *
 * @returns why it was left undone after all
 */
export async function removeStep(
  base: AuditContext,
  config: ProjectConfig,
  judged: Judged,
  step: RemovalStep,
): Promise<RemovalChange | undefined> {
  // Ctrl-C is looked at between the steps: none of them may be cut in half.
  const context = base.withSignal(new AbortController().signal);
  base.signal.throwIfAborted();
  switch (step.what) {
    case "stack":
      return removeStack(context, judged);
    case "secret":
      return removeSecret(context, config, judged, step);
    case "leftover":
    case "branch":
      return removeBranch(context, judged, step);
  }
}

async function removeStack(
  context: HasStacks,
  { row }: Judged,
): Promise<RemovalChange | undefined> {
  const stacks = await context.stacks();
  if (stacks === undefined || row.stack.is !== "there") {
    return reason("stack-not-removable", "its stack cannot be removed here");
  }
  const { name, fullName, resourceCount } = row.stack.value;
  if ((await stacks.fullName(name)) !== fullName) {
    return reason("stack-of-other-program", `its stack ${fullName} is not one of this program's`);
  }
  if (resourceCount !== 0) {
    // Resources of the program's own making are destroyed by its code.
    if (await stacks.lacksPackages()) await stacks.install(() => {});
    await stacks.destroy(name, impatient);
  }
  await stacks.remove(name);
  return undefined;
}

async function removeSecret(
  context: ProjectSources & HasSecrets,
  config: ProjectConfig,
  { row }: Judged,
  { name }: RemovalStep,
): Promise<RemovalChange | undefined> {
  const store = await context.secrets();
  if (row.audited === undefined) {
    const { id } = await requireProject(context, config.project);
    const owner = await otherOwner(store, name, id);
    if (owner !== undefined) {
      const text = `its secret ${name} is of the project ${owner}, and this one is ${id}`;
      return reason("secret-of-other-project", text);
    }
  }
  const isPreview = row.owner === ciDeveloper || row.stage?.startsWith(`${ciDeveloper}-`);
  await store.delete(name, isPreview ? "now" : { recoveryDays });
  return undefined;
}

/** By its id, and only while the API still says of it what was judged. */
async function removeBranch(
  { neon: connect, output }: HasNeon & Pick<Runtime, "output">,
  { row }: Judged,
  step: RemovalStep,
): Promise<RemovalChange | undefined> {
  const audited = row.audited;
  if (audited === undefined || step.id === undefined) {
    throw new Error("a row without a branch has no branch to delete");
  }
  const { projectId } = audited.branch;
  const neon = await connect();
  try {
    const now = await neon.getBranch(projectId, step.id);
    if (now.name !== step.name) {
      return reason("renamed", `the branch ${step.name} is called ${now.name} now`);
    }
    if (now.protected) {
      return reason("protected", `the branch ${now.name} is protected now`);
    }
    if (step.what === "branch") {
      const endpoints = await neon.listEndpoints(projectId);
      const used = endpoints.some(
        ({ branchId, state, lastActiveAt }) =>
          branchId === step.id &&
          (state !== "idle" || (lastActiveAt ?? "") > (audited.lastActive ?? "")),
      );
      if (used && !audited.running) {
        return reason("used", `somebody is using the branch ${step.name}`);
      }
    }
    const { id, name } = step;
    const change = {
      done: `the branch ${name} was deleted`,
      unclear: `the branch ${name} may have been deleted`,
    };
    await output.changes.during(change, () => neon.deleteBranch(projectId, id));
  } catch (error) {
    if (!(error instanceof DsError) || error.code !== "NOT_FOUND") throw error;
  }
  return undefined;
}

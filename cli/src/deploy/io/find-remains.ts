import type { HasConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import { toDsError } from "../../errors/to-ds-error.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import type { Branch } from "../../neon/model.ts";
import type { HasSecrets } from "../../secrets/io/secret-store.ts";
import { stackOfSecret } from "../../secrets/value.ts";
import type { Deployment } from "../deployment.ts";
import type { Remains } from "../down-report.ts";
import type { HasStacks, Stacks } from "../pulumi/io/stacks.ts";
import type { Stack } from "../pulumi/stack.ts";
import { refuseToTakeDown, stackElsewhere } from "../refusals.ts";
import { stampOf } from "../stamp.ts";
import { refuseToDeleteForeignSecret } from "./foreign-secret.ts";

/** Looks for all that the stage has, and refuses what is not provably its own. */
export async function findRemains(
  context: HasConfig & HasNeon & HasSecrets & HasStacks,
  deployment: Deployment,
  force: boolean,
): Promise<Remains> {
  const { project, stage, secretName } = deployment;
  const neon = await context.neon();
  const stacks = await context.stacks();
  const stackOrFailure = async () => {
    try {
      const found = await stacks?.find(stage.name);
      if (found !== undefined) await stacks?.checkReady(stage.name);
      return found;
    } catch (error) {
      return toDsError(error);
    }
  };
  const [branches, secret, stack] = await Promise.all([
    neon.listBranches(project.id),
    context.secrets().then((store) => store.find(secretName)),
    stackOrFailure(),
  ]);
  const branch = branches.find(({ name }) => name === stage.branch);
  if (branch) refuseToTakeDown(stage, branch, branches, await context.config());
  const failed = await stackUnknown(context, { deployment, branch, stack });
  if (failed && !force) {
    throw failed.with({
      message: `stage ${stage.name} is not taken down, as its stack cannot be: ${failed.message}`,
      hint: `${failed.hint ?? ""}\nOr leave the stack, if there is one, where it is: the same command with --force.`.trim(),
    });
  }
  if (secret && !secret.deletedAt && !force) {
    await refuseToDeleteForeignSecret(context, deployment);
  }
  return {
    branch,
    secret: secret?.deletedAt ? undefined : secret,
    stack: failed || stack instanceof DsError ? undefined : stack,
    stackUnknown: failed,
  };
}

/** Why nobody can say what stack there is; undefined where `up` has written down that it makes none. */
async function stackUnknown(
  context: HasSecrets & HasStacks,
  found: { deployment: Deployment; branch: Branch | undefined; stack: Stack | DsError | undefined },
): Promise<DsError | undefined> {
  const { deployment, branch, stack } = found;
  if (!(stack instanceof DsError)) return otherBackend(await context.stacks(), branch);
  const stamp = branch && stampOf(branch.annotation);
  if (stamp === undefined || stamp.stack !== undefined) return stack;
  const secret = await (await context.secrets()).get(deployment.secretName);
  // The stack would have been made after the secret, which names it.
  return secret === undefined || stackOfSecret(secret) === null ? undefined : stack;
}

/** One of the same name in the backend that Pulumi uses would be somebody else's. */
async function otherBackend(
  stacks: Stacks | undefined,
  branch: Branch | undefined,
): Promise<DsError | undefined> {
  const recorded = branch && stampOf(branch.annotation)?.stackBackend;
  if (!recorded) return undefined;
  const backend = await stacks?.backend();
  return backend === recorded ? undefined : stackElsewhere(recorded, backend);
}

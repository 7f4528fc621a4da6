import { DsError } from "../../errors/ds-error.ts";
import { nothingChanged } from "../../errors/nothing-changed.ts";
import { type HasSecrets, otherOwner } from "../../secrets/io/secret-store.ts";
import type { Deployment } from "../deployment.ts";

/** What another project has under the name is not overwritten. */
export async function refuseForeignSecret(
  context: HasSecrets,
  deployment: Deployment,
): Promise<void> {
  const whose = await foreignOwner(context, deployment);
  if (whose === undefined) return;
  const { stage } = deployment;
  throw nothingChanged("CONFLICT", `stage ${stage.name}: ${whose.text}`, {
    reason: "SECRET_OF_OTHER_PROJECT",
    hint: `${otherProjectHint} If that project is gone for good: ds deploy down --force, then up again.`,
    details: { owner: whose.project },
  });
}

/** Nor is it deleted. */
export async function refuseToDeleteForeignSecret(
  context: HasSecrets,
  deployment: Deployment,
): Promise<void> {
  const whose = await foreignOwner(context, deployment);
  if (whose === undefined) return;
  const { stage } = deployment;
  throw new DsError("REFUSED", `stage ${stage.name} is not taken down: ${whose.text}`, {
    reason: "SECRET_OF_OTHER_PROJECT",
    hint: `${otherProjectHint} --force takes it down all the same.`,
    details: { owner: whose.project },
  });
}

const otherProjectHint = "Point ds at that project (NEON_API_HOST, NEON_API_KEY).";

/**
 * Whose the stage's secret is, where it is another project's: then `ds` points elsewhere than usual, at a local engine
 * for instance, and the secret and the stack of that name belong to a stage over there.
 */
async function foreignOwner(
  context: HasSecrets,
  { project, secretName }: Deployment,
): Promise<{ project: string; text: string } | undefined> {
  const owner = await otherOwner(await context.secrets(), secretName, project.id);
  if (owner === undefined) return undefined;
  const text = `its secret ${secretName} is of the project ${owner}, and this is ${project.name} (${project.id})`;
  return { project: owner, text };
}

import type { Branch } from "../../neon/model.ts";
import { parseConnectionUrl } from "../../postgres/connection-url.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasSecrets } from "../../secrets/io/secret-store.ts";
import type { SecretChange } from "../../secrets/secret.ts";
import { secretValue } from "../../secrets/value.ts";
import type { Target } from "../../stages/io/target.ts";
import type { Deployment } from "../deployment.ts";
import type { HasStacks } from "../pulumi/io/stacks.ts";

export interface StageUrls {
  url: string;
  urlUnpooled: string;
}

/** Both connection strings; masked in everything that is printed from here on. */
export async function readUrls(
  { output }: Pick<Runtime, "output">,
  target: Target,
): Promise<StageUrls> {
  const [url, urlUnpooled] = await Promise.all([
    target.connectionUrl({ pooled: true }),
    target.connectionUrl(),
  ]);
  for (const text of [url, urlUnpooled]) {
    const { password } = parseConnectionUrl(text);
    for (const secret of [password ?? "", encodeURIComponent(password ?? ""), text]) {
      output.hide(secret);
    }
  }
  return { url, urlUnpooled };
}

/** The value that the stage's secret is to have. */
export async function stageSecret(
  context: HasStacks,
  { project, stage }: Deployment,
  branch: Pick<Branch, "id">,
  urls: StageUrls,
): Promise<string> {
  const stack = (await (await context.stacks())?.fullName(stage.name)) ?? null;
  const parts = { projectId: project.id, branchId: branch.id, stage: stage.name, stack };
  return secretValue({ ...urls, ...parts });
}

export async function upSecret(
  context: Pick<Runtime, "output"> & HasSecrets & HasStacks,
  deployment: Deployment,
  branch: Branch,
  urls: StageUrls,
): Promise<SecretChange> {
  const { secretName } = deployment;
  const store = await context.secrets();
  return context.output.step(`Storing the secret ${secretName}`, async (step) => {
    const value = await stageSecret(context, deployment, branch, urls);
    const change = await store.put(secretName, value);
    step.finish(`Secret ${secretName} ${change === "unchanged" ? "is as it was" : change}`);
    return change;
  });
}

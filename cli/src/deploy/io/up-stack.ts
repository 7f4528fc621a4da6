import type { Runtime } from "../../runtime/runtime.ts";
import { type Deployment, stackConfig } from "../deployment.ts";
import { publicUrl } from "../github-actions.ts";
import type { Stacks } from "../pulumi/io/stacks.ts";
import type { StackStep } from "../up-report.ts";
import { stackListener } from "./stack-listener.ts";

/** Makes the stage's stack where there is none, and brings it up for this branch. */
export async function upStack(
  context: Pick<Runtime, "output">,
  stacks: Stacks,
  deployment: Deployment,
  { branchId, waitMs }: { branchId: string; waitMs: number },
): Promise<StackStep> {
  const { output } = context;
  const { name } = deployment.stage;
  if (await stacks.lacksPackages()) {
    await output.step("Installing the packages of the Pulumi program", () =>
      stacks.install((line) => output.detail(line)),
    );
  }
  const listener = stackListener(context, deployment);
  const created = await stacks.create(name, { waitMs, listener });
  if (created) output.done(`Created the stack ${name}`);
  const config = stackConfig(deployment, branchId);
  const { changed, summary } = await output.step(`Bringing up the stack ${name}`, (step) =>
    stacks.up(name, config, { waitMs, listener: stackListener(context, deployment, step) }),
  );
  const outputs = await stacks.outputs(name);
  return {
    name: await stacks.fullName(name),
    backend: await stacks.backend(),
    ...{ created, changed, summary, outputs },
    url: publicUrl(outputs.url),
  };
}

import type { Deployment } from "../deployment.ts";
import type { HasStacks } from "../pulumi/io/stacks.ts";
import type { StageStamp } from "../stamp.ts";

/** The stamp that the stage's branch has, or is to get, by what is configured here. */
export async function stampFor(
  context: HasStacks,
  { stage, secretName }: Deployment,
): Promise<StageStamp> {
  const { owner, gitBranch, pullRequest } = stage;
  const stacks = await context.stacks();
  const [stack, stackBackend] = await Promise.all([
    stacks?.fullName(stage.name),
    stacks?.backend(),
  ]);
  return {
    ...{ stage: stage.name, owner, gitBranch, pullRequest },
    ...{ stack, stackBackend, secret: secretName },
  };
}

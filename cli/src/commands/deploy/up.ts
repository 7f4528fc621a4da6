import type { AppContext } from "../../app-context.ts";
import { findDeployment } from "../../deploy/io/find-deployment.ts";
import type { StageFlags } from "../../deploy/io/find-stage.ts";
import { planUp } from "../../deploy/io/plan-up.ts";
import { deployUp } from "../../deploy/io/up.ts";
import { planText } from "../../deploy/up-plan.ts";
import { upDocument, upFacts, upText } from "../../deploy/up-report.ts";
import { parseWait } from "../../deploy/wait.ts";

interface Flags extends StageFlags {
  dryRun: boolean;
  wait: string | undefined;
}

/** Creates or updates one cloud stage: branch, migrations, secret, stack. */
export default async function up(
  context: AppContext,
  flags: Flags,
  gitBranch: string | undefined,
): Promise<void> {
  const { output } = context;
  const waitMs = parseWait(flags.wait);
  const deployment = await findDeployment(context, flags, gitBranch);
  if (flags.dryRun) {
    const plan = await planUp(context, deployment);
    output.result({ ...upFacts(deployment), dryRun: true, plan }, planText(plan));
    return;
  }
  const report = await deployUp(context, deployment, waitMs);
  output.result(upDocument(deployment, report), (style) => upText(deployment, report, style));
}

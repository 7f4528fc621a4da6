import type { AppContext } from "../../app-context.ts";
import { downDocument, downText } from "../../deploy/down-report.ts";
import { deployDown } from "../../deploy/io/down.ts";
import { findDeployment } from "../../deploy/io/find-deployment.ts";
import type { StageFlags } from "../../deploy/io/find-stage.ts";
import { parseWait } from "../../deploy/wait.ts";

interface Flags extends StageFlags {
  force: boolean;
  wait: string | undefined;
  yes: boolean;
}

/** Takes a cloud stage down: stack, secret, branch. What is gone already is no failure. */
export default async function down(
  context: AppContext,
  flags: Flags,
  gitBranch: string | undefined,
): Promise<void> {
  const waitMs = parseWait(flags.wait);
  const deployment = await findDeployment(context, flags, gitBranch);
  const report = await deployDown(context, deployment, { ...flags, waitMs });
  context.output.result(
    downDocument(deployment, report),
    (style) => `${style.green("✓")} ${downText(deployment, report)}`,
  );
}

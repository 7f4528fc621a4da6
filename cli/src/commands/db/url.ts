import type { AppContext } from "../../app-context.ts";
import { stageOrBranch } from "../../stages/io/stage-or-branch.ts";

interface Flags {
  target?: string;
  branch?: string;
  pooled: boolean;
}

/** The one command whose purpose is the secret. */
export default async function url(context: AppContext, flags: Flags): Promise<void> {
  const { output } = context;
  const { stage, branch, connectionUrl } = await stageOrBranch(context, flags);
  output.detail(`stage ${stage.name}, branch ${branch.name}`);
  const found = await connectionUrl({ pooled: flags.pooled });
  output.secretResult({ stage: stage.name, branch: branch.name, url: found }, found);
}

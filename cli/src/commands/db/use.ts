import type { AppContext } from "../../app-context.ts";
import { pointAtBranch, type UsedBranch } from "../../setup/io/point-at-branch.ts";

export default async function use(
  context: AppContext,
  _flags: Record<string, never>,
  name: string,
): Promise<void> {
  const used = await pointAtBranch(context, name);
  context.output.result(usedDocument(used), usedText(used));
}

const usedDocument = ({ target, before, envFile }: UsedBranch) => ({
  stage: target.stage.name,
  branch: { id: target.branch.id, name: target.branch.name },
  before,
  envFile,
});

function usedText({ target, before, own, envFile }: UsedBranch): string {
  const { branch, stage } = target;
  const back = stage.name === before ? [] : [`Back to ${before}: ds db use -`];
  const home = stage.name === own ? [] : [`Back to this checkout's own, ${own}: ds setup`];
  return [
    `${envFile.path} leads to ${branch.name} (${branch.id}).`,
    ...back,
    ...(before === own && back.length > 0 ? [] : home),
  ].join("\n");
}

import type { AppContext } from "../../app-context.ts";
import { runPsql } from "../../postgres/io/psql.ts";
import { stageOrBranch } from "../../stages/io/stage-or-branch.ts";

interface Flags {
  target?: string;
  branch?: string;
}

/** Opens psql on the stage's branch; what follows `--` goes to psql. */
export default async function connect(
  context: AppContext,
  flags: Flags,
  ...args: string[]
): Promise<void> {
  const { stage, branch, connectionUrl } = await stageOrBranch(context, flags);
  const url = await connectionUrl();
  context.output.note(`stage ${stage.name}, branch ${branch.name} (${branch.id})`);
  await runPsql(context, url, args);
}

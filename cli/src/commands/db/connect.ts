import type { AppContext } from "../../app-context.ts";
import { DsError } from "../../errors/ds-error.ts";
import { psqlOrPrompt } from "../../postgres/prompt/io/psql-or-prompt.ts";
import { stageOrBranch } from "../../stages/io/stage-or-branch.ts";

interface Flags {
  target?: string;
  branch?: string;
}

/** Opens psql, or where there is none a prompt of our own, on the stage's branch; what follows `--` goes to psql. */
export default async function connect(
  context: AppContext,
  flags: Flags,
  ...args: string[]
): Promise<void> {
  if (context.output.json) {
    throw new DsError("USAGE", "--json has no meaning for psql, which speaks to a person", {
      hint: "For a program: ds db url --json",
    });
  }
  const { stage, project, branch, connectionUrl } = await stageOrBranch(context, flags);
  const url = await connectionUrl();
  context.output.note(`stage ${stage.name}, branch ${branch.name} (${branch.id})`);
  const { pgVersion: major } = project;
  await psqlOrPrompt(context, url, { what: `branch ${branch.name}`, args, major });
}

import type { AppContext } from "../../app-context.ts";
import { checkChosenName } from "../../branches/names.ts";
import { renameBranch } from "../../setup/io/rename-branch.ts";

export default async function rename(
  context: AppContext,
  _flags: Record<string, never>,
  name: string,
  wanted: string,
): Promise<void> {
  checkChosenName(wanted);
  const { branch, from, points, envFile } = await renameBranch(context, name, wanted);
  context.output.result(
    { branch: { id: branch.id, name: branch.name }, from, recoveryPoints: points, envFile },
    [
      `${from} is called ${branch.name} now; its address is the same.`,
      ...(envFile.changed ? [`${envFile.path} names it so.`] : []),
    ].join("\n"),
  );
}

import type { AppContext } from "../../app-context.ts";
import { unprotectBranch } from "../../branches/io/protect-branch.ts";

export default async function unprotect(
  context: AppContext,
  flags: { yes: boolean },
  name: string,
): Promise<void> {
  const { branch, changed } = await unprotectBranch(context, name, flags.yes);
  context.output.result(
    { branch: { id: branch.id, name: branch.name, protected: branch.protected }, changed },
    `${branch.name} is not protected${changed ? "" : " already"}.`,
  );
}

import type { AppContext } from "../../app-context.ts";
import { protectBranch } from "../../branches/io/protect-branch.ts";

export default async function protect(
  context: AppContext,
  _flags: Record<string, never>,
  name: string,
): Promise<void> {
  const { branch, changed } = await protectBranch(context, name);
  context.output.result(
    { branch: { id: branch.id, name: branch.name, protected: branch.protected }, changed },
    `${branch.name} is protected${changed ? "" : " already"}.`,
  );
}

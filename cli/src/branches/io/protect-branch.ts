import { shellWord } from "../../lib/text/shell-quote.ts";
import type { Branch } from "../../neon/model.ts";
import type { HasConfirm } from "../../runtime/io/confirm.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import type { ProjectSources } from "../../stages/io/project.ts";
import { refuseOthersBranch } from "../refusals.ts";
import { findBranch } from "./find-own.ts";

export interface ProtectedBranch {
  branch: Branch;
  changed: boolean;
}

type Needs = Runtime & ProjectSources & HasDeveloper & HasConfirm;

/** What is protected is neither reset, restored, migrated by the way nor deleted. Main and one's own branches can be. */
export async function protectBranch(context: Needs, name: string): Promise<ProtectedBranch> {
  const { project, branch, oneself } = await findBranch(context, name);
  if (branch.protected) return { branch, changed: false };
  if (!branch.default) refuseOthersBranch(branch, oneself, "protected");
  return { branch: await change(context, project.id, branch, true), changed: true };
}

/** Takes the protection of a branch of one's own away, once somebody has confirmed it. */
export async function unprotectBranch(
  context: Needs,
  name: string,
  yes: boolean,
): Promise<ProtectedBranch> {
  const { project, branch, oneself } = await findBranch(context, name);
  refuseOthersBranch({ ...branch, protected: false }, oneself, "unprotected");
  if (!branch.protected) return { branch, changed: false };
  await context.confirm({
    message: `Take the protection of ${branch.name} (${branch.id}) away? It can be reset and deleted then.`,
    yes,
    command: `ds db unprotect ${shellWord(name)} --yes`,
  });
  return { branch: await change(context, project.id, branch, false), changed: true };
}

async function change(
  context: Needs,
  projectId: string,
  { id, name }: Branch,
  isProtected: boolean,
): Promise<Branch> {
  const neon = await context.neon();
  const word = isProtected ? "Protecting" : "Unprotecting";
  return await context.output.step(`${word} the branch ${name}`, () =>
    neon.updateBranch(projectId, id, { protected: isProtected }),
  );
}

import { type ListedStack, toStack } from "../output.ts";
import type { Stack } from "../stack.ts";
import { locksOf } from "./locks.ts";
import type { Program } from "./program.ts";

/** The stacks of the program, one a cloud stage and named like it. */
export async function listStacks(program: Program): Promise<Stack[]> {
  const { pulumi, infra, project } = program;
  const asked = program.organization();
  // What keeps Pulumi from both is told of what was wanted.
  asked.catch(() => {});
  const { stdout } = await pulumi.run("listing stacks", [
    ...["stack", "ls", "--all", "--json", "--fully-qualify-stack-names"],
    ...(infra.organization ? ["--organization", infra.organization] : []),
  ]);
  const own = await asked;
  const ours = (JSON.parse(stdout) as ListedStack[]).filter(
    ({ name }) => !name.includes("/") || name.startsWith(`${own}/${project}/`),
  );
  return Promise.all(
    ours.map(toStack).map(async (stack) => ({ ...stack, busy: await isBusy(program, stack) })),
  );
}

export async function findStack(program: Program, stage: string): Promise<Stack | undefined> {
  const [name, all] = await Promise.all([program.fullName(stage), listStacks(program)]);
  return all.find((stack) => stack.fullName === name || stack.fullName === stage);
}

/** Plain storage says nothing of updates that run: there the lock files tell. */
async function isBusy(program: Program, stack: Stack): Promise<boolean | undefined> {
  if (stack.busy !== undefined) return stack.busy;
  const folder = await program.backendFolder();
  return folder === undefined ? undefined : (await locksOf(folder, stack.fullName)).length > 0;
}

import type { AppContext } from "../../app-context.ts";
import { seedBranch } from "../../setup/io/seed-branch.ts";

interface Flags {
  target?: string;
  size?: string;
}

/** Loads data into a stage's own branch with the project's seed command, and says how to be rid of it. */
export default async function seed(context: AppContext, flags: Flags): Promise<void> {
  const { target, size, before, back } = await seedBranch(context, flags);
  const { stage, branch } = target;
  context.output.result(
    {
      status: "seeded",
      stage: stage.name,
      branch: { id: branch.id, name: branch.name },
      size: size ?? null,
      before,
    },
    `The seed command has loaded its data into ${branch.name}.\nTo be rid of it: ${back}`,
  );
}

import type { HasConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import { plural } from "../../lib/format/plural.ts";
import { migrate } from "../../migrations/run/io/migrate.ts";
import { migrationRun } from "../../migrations/run/io/migration-run.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import type { Branch } from "../../neon/model.ts";
import type { HasStacks } from "../../pulumi/io/stacks.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasSecrets, SecretChange } from "../../secrets/io/secret-store.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import type { HasEnvFile } from "../../stages/io/env-file.ts";
import { type DeployStep, describeUnfinished } from "../unfinished.ts";
import { openJournal } from "./journal.ts";
import { journaled, type StageWork, withStageLock } from "./stage-work.ts";
import { upBranch } from "./up-branch.ts";
import { readUrls, upSecret } from "./up-secret.ts";
import { type StackStep, upStack } from "./up-stack.ts";

export interface UpReport {
  branch: Branch;
  branchCreated: boolean;
  applied: string[];
  warnings: unknown[];
  secret: SecretChange;
  stack: StackStep | undefined;
  changed: boolean;
}

const inPlace: Record<DeployStep, string> = {
  branch: "Nothing of the stage was made by this run.",
  migrations: "The branch is in place.",
  secret: "The branch and its migrations are in place.",
  stack: "The branch, its migrations and the secret are in place.",
};

/** Brings the stage to where it should be, step by step; each looks first at what is there already. */
export function deployUp(
  context: Runtime & HasConfig & HasEnvFile & HasDeveloper & HasNeon & HasSecrets & HasStacks,
  work: StageWork,
): Promise<UpReport> {
  const { stage, project, config } = work;
  return withStageLock(context, work, async () => {
    const journal = await openJournal(context, project.id, stage.name, "up");
    if (journal.before) {
      context.output.note(`going on where an earlier ${describeUnfinished(journal.before)}`);
    }
    const step = <T>(name: DeployStep, run: () => Promise<T>) => {
      const further = `${inPlace[name]} ds deploy up goes on from here, ds deploy down removes what there is.`;
      return journaled(journal, work, name, further, run);
    };

    const { created, target } = await step("branch", () => upBranch(context, work)).catch(
      async (error: DsError) => {
        if (error.code !== "CONFLICT" && error.code !== "REFUSED") throw error;
        // The stage is somebody else's: it must not look unfinished, nor as if `down` were the answer.
        await journal.withdraw();
        throw error.cause;
      },
    );
    const { branch } = target;
    const urls = await step("migrations", () => readUrls(context, target));
    const { applied, warnings } = await step("migrations", () =>
      migrate(
        migrationRun(
          context,
          config,
          { url: urls.urlUnpooled, what: `branch ${branch.name}`, shared: false },
          { waitMs: work.waitMs },
        ),
      ),
    );
    if (applied.length > 0) context.output.done(`Ran ${plural(applied.length, "migration")}`);
    const secret = await step("secret", () => upSecret(context, work, target, urls));
    const stacks = await context.stacks();
    const stack = stacks && (await step("stack", () => upStack(context, stacks, work, branch.id)));
    await mustBeThere(context, work, branch);
    await journal.close();
    const changed =
      created ||
      applied.length > 0 ||
      secret !== "unchanged" ||
      Boolean(stack?.created || stack?.changed);
    return { branch, branchCreated: created, applied, warnings, secret, stack, changed };
  });
}

/** A `down` on another machine, where no lock of ours reaches, may have been at work meanwhile. */
async function mustBeThere(
  context: HasNeon,
  { stage, project }: StageWork,
  { id, name }: Branch,
): Promise<void> {
  const neon = await context.neon();
  const branches = await neon.listBranches(project.id);
  if (branches.some((branch) => branch.id === id)) return;
  throw new DsError(
    "CONFLICT",
    `stage ${stage.name}: its branch ${name} was deleted while the stage was being deployed`,
    { hint: "If it is to be there after all: ds deploy up" },
  );
}

import { deletionRefusal } from "../../branches/deletion-refusal.ts";
import { refuseBranch } from "../../branches/refusals.ts";
import { DsError } from "../../errors/ds-error.ts";
import { toDsError } from "../../errors/to-ds-error.ts";
import type { Branch } from "../../neon/model.ts";
import type { HasStacks, Stacks } from "../../pulumi/io/stacks.ts";
import { progressLine } from "../../pulumi/output.ts";
import type { Stack } from "../../pulumi/stack.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasSecrets } from "../../secrets/io/secret-store.ts";
import type { Secret } from "../../secrets/secret.ts";
import { ciDeveloper, stampConflict } from "../cloud-stage.ts";
import { stampOf } from "../stamp.ts";
import type { DeployStep } from "../unfinished.ts";
import { openJournal } from "./journal.ts";
import {
  foreignSecret,
  journaled,
  otherProjectHint,
  type StageWork,
  withStageLock,
} from "./stage-work.ts";

/** How long a person's secret can still be brought back; AWS allows no less. */
export const recoveryDays = 7;

/** What there is of a stage. */
export interface Remains {
  branch: Branch | undefined;
  secret: Secret | undefined;
  stack: Stack | undefined;
  /** Pulumi could not be asked, or about another backend only. */
  stackUnknown: DsError | undefined;
}

export interface DownReport {
  stack: "removed" | "absent" | "left" | "none";
  secret: "deleted" | "absent";
  branch: "deleted" | "absent";
}

/** Looks for all that the stage has, and refuses what is not provably its own. */
export async function findRemains(
  context: HasSecrets & HasStacks,
  work: StageWork,
  force: boolean,
): Promise<Remains> {
  const { neon, project, stage, secretName } = work;
  const stacks = await context.stacks();
  const stackOrFailure = async () => {
    try {
      return await stacks?.find(stage.name);
    } catch (error) {
      return toDsError(error);
    }
  };
  const [branches, secret, stack] = await Promise.all([
    neon.listBranches(project.id),
    context.secrets().then((store) => store.find(secretName)),
    stackOrFailure(),
  ]);
  const branch = branches.find(({ name }) => name === stage.branch);
  if (branch) refuseOthers(work, branch, branches);
  const failed = stack instanceof DsError ? stack : await stackElsewhere(stacks, branch);
  if (failed && !force) {
    throw new DsError(
      failed.code,
      `stage ${stage.name} is not taken down, as its stack cannot be: ${failed.message}`,
      {
        hint: `${failed.hint ?? ""}\nOr leave the stack, if there is one, where it is: the same command with --force.`.trim(),
      },
    );
  }
  const foreign = secret && !secret.deletedAt && !force && (await foreignSecret(context, work));
  if (foreign) {
    throw new DsError("REFUSED", `stage ${stage.name} is not taken down: ${foreign}`, {
      hint: `${otherProjectHint} --force takes it down all the same.`,
    });
  }
  return {
    branch,
    secret: secret?.deletedAt ? undefined : secret,
    stack: failed || stack instanceof DsError ? undefined : stack,
    stackUnknown: failed,
  };
}

function refuseOthers({ stage, config }: StageWork, branch: Branch, branches: Branch[]): void {
  const shared = Object.values(config.stages).flatMap((one) => one.branch ?? []);
  refuseBranch(stage, branch, shared, "taken down");
  const refusal = deletionRefusal(branch, branches, shared);
  if (refusal) throw refusal;
  const stamp = stampOf(branch.annotation);
  if (!stamp) return;
  const conflict = stampConflict(stage, stamp);
  if (!conflict) return;
  throw new DsError(
    "REFUSED",
    `stage ${stage.name}, branch ${branch.name}, is not taken down: ${conflict}`,
    {
      hint: "See whose it is: ds deploy list",
      details: { stage: stage.name, branch: branch.id },
    },
  );
}

/** One of the same name in the backend that Pulumi uses would be somebody else's. */
async function stackElsewhere(
  stacks: Stacks | undefined,
  branch: Branch | undefined,
): Promise<DsError | undefined> {
  const recorded = branch && stampOf(branch.annotation)?.stackBackend;
  if (!recorded) return undefined;
  const backend = await stacks?.backend();
  if (backend === recorded) return undefined;
  return new DsError(
    "REFUSED",
    `its stack is in the backend ${recorded}, and ${backend ? `Pulumi uses ${backend}` : "ds.config.ts names no infra folder"}`,
    { hint: "Log in to the one that has it (PULUMI_BACKEND_URL, pulumi login)." },
  );
}

export const isNothing = ({ branch, secret, stack, stackUnknown }: Remains): boolean =>
  !branch && !secret && !stack && !stackUnknown;

/** Stack, secret, branch, in this order: what is paid for goes first, and the data last. */
export function deployDown(
  context: Pick<Runtime, "home" | "output" | "signal"> & HasSecrets & HasStacks,
  work: StageWork,
  force: boolean,
): Promise<DownReport> {
  const { stage, project, secretName, neon } = work;
  const { output } = context;
  return withStageLock(context, work, async () => {
    // What was found before the question may be another's by now.
    const remains = await findRemains(context, work, force);
    const journal = await openJournal(context, project.id, stage.name, "down");
    if (isNothing(remains)) {
      await journal.close();
      return { stack: "absent", secret: "absent", branch: "absent" };
    }
    const step = <T>(name: DeployStep, left: string, run: () => Promise<T>) =>
      journaled(journal, work, name, `${left} ds deploy down goes on from here.`, run);

    const stack = await step("stack", "The secret and the branch were kept.", () =>
      downStack(context, work, remains, force),
    );
    const store = await context.secrets();
    const secret = await step("secret", "The branch was kept.", () =>
      remains.secret
        ? output.step(`Deleting the secret ${secretName}`, () =>
            store.delete(secretName, stage.owner === ciDeveloper ? "now" : { recoveryDays }),
          )
        : Promise.resolve("absent" as const),
    );
    const { branch } = remains;
    if (branch) {
      await step("branch", "The stack and the secret are gone.", () =>
        output.step(`Deleting the branch ${branch.name}`, () =>
          neon.deleteBranch(project.id, branch.id),
        ),
      );
    }
    if (stack !== "left") await journal.close();
    return { stack, secret, branch: branch ? "deleted" : "absent" };
  });
}

async function downStack(
  context: Pick<Runtime, "output" | "signal"> & HasStacks,
  { stage, waitMs }: StageWork,
  { stack, stackUnknown }: Remains,
  force: boolean,
): Promise<DownReport["stack"]> {
  const { output } = context;
  const stacks = await context.stacks();
  if (stackUnknown) {
    output.warn(`the stack ${stage.name} was left alone: ${stackUnknown.message}`);
    return "left";
  }
  if (!stacks) return "none";
  if (!stack) return "absent";
  try {
    await output.step(`Destroying what the stack ${stage.name} has`, (step) =>
      stacks.destroy(stage.name, {
        waitMs,
        onWait: () => output.note(`another update has the stack ${stage.name}; waiting for it`),
        onLine: (line) => {
          step.update(progressLine(line));
          output.detail(line);
        },
      }),
    );
    await output.step(`Removing the stack ${stage.name}`, () => stacks.remove(stage.name));
    return "removed";
  } catch (error) {
    if (!force || context.signal.aborted) throw error;
    output.warn(`the stack ${stage.name} was left: ${toDsError(error).message}`);
    return "left";
  }
}

import type { HasConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import { toDsError } from "../../errors/to-ds-error.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import type { HasConfirm } from "../../runtime/io/confirm.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasSecrets } from "../../secrets/io/secret-store.ts";
import { recoveryDays } from "../../secrets/secret.ts";
import { ciDeveloper } from "../cloud-stage.ts";
import type { Deployment } from "../deployment.ts";
import {
  type DownReport,
  downForActions,
  downQuestion,
  isNothing,
  nothingThere,
  type Remains,
} from "../down-report.ts";
import type { HasStacks } from "../pulumi/io/stacks.ts";
import { findRemains } from "./find-remains.ts";
import { reportToActions } from "./github-actions.ts";
import { type Aftermath, type Journal, openJournal } from "./journal.ts";
import { stackListener } from "./stack-listener.ts";
import { withStageLock } from "./stage-lock.ts";

export interface DownOptions {
  /** A stack that cannot be asked about or taken down is left, and another project's secret goes. */
  force: boolean;
  yes: boolean;
  /** For how long to wait while others are at work on the stage. */
  waitMs: number;
}

const onwards = "ds deploy down goes on from here.";

type Needs = Pick<Runtime, "env" | "home" | "output" | "signal"> &
  HasConfig &
  HasNeon &
  HasSecrets &
  HasStacks;

/** Stack, secret, branch, in this order, once that is confirmed: what is paid for goes first, and the data last. */
export async function deployDown(
  context: Needs & HasConfirm,
  deployment: Deployment,
  options: DownOptions,
): Promise<DownReport> {
  const { stage } = deployment;
  const remains = await findRemains(context, deployment, options.force);
  if (!isNothing(remains)) {
    await context.confirm({
      message: downQuestion(deployment, remains),
      yes: options.yes,
      command: `ds deploy down --developer ${stage.owner} --stage ${stage.name} --yes`,
    });
  }
  const report = await withStageLock(context, deployment, options.waitMs, () =>
    takeDown(context, deployment, options),
  );
  await reportToActions(context, downForActions(deployment, report));
  if (report.stack !== "left") return report;
  throw new DsError(
    remains.stackUnknown?.code ?? "UPSTREAM",
    `stage ${stage.name}: the secret and the branch are gone, but its stack was left`,
    {
      reason: "STACK_LEFT",
      hint: "Once Pulumi can be asked again: the same command, which then takes down the stack alone.",
      details: { stage: stage.name, down: report, cause: remains.stackUnknown?.reason ?? null },
    },
  );
}

async function takeDown(
  context: Needs,
  deployment: Deployment,
  options: DownOptions,
): Promise<DownReport> {
  const { project, stage } = deployment;
  // What was found before the question may be another's by now.
  const remains = await findRemains(context, deployment, options.force);
  const key = { projectId: project.id, stage: stage.name };
  const journal = await openJournal(context, key, "down");
  if (isNothing(remains)) {
    await journal.close();
    return nothingThere;
  }
  const kept = (text: string): Aftermath => ({ inPlace: () => text, next: onwards });
  const stack = await journal.step("stack", kept("The secret and the branch were kept."), () =>
    downStack(context, deployment, remains, options),
  );
  const secret = await journal.step("secret", kept("The branch was kept."), () =>
    downSecret(context, deployment, remains),
  );
  const rest = stack === "left" ? "the stack was left" : "the stack is gone";
  const before = kept(`The branch may still be there; the secret is gone, and ${rest}.`);
  const branch = await downBranch(context, journal, remains, before);
  if (stack !== "left") await journal.close();
  return { stack, secret, branch };
}

async function downStack(
  context: Pick<Runtime, "output" | "signal"> & HasStacks,
  deployment: Deployment,
  { stack, stackUnknown }: Remains,
  { force, waitMs }: DownOptions,
): Promise<DownReport["stack"]> {
  const { output } = context;
  const { name } = deployment.stage;
  const stacks = await context.stacks();
  if (stackUnknown) {
    output.warn(`the stack ${name} was left alone: ${stackUnknown.message}`);
    return "left";
  }
  if (!stacks) return "none";
  if (!stack) return "absent";
  try {
    await output.step(`Destroying what the stack ${name} has`, (step) =>
      stacks.destroy(name, { waitMs, listener: stackListener(context, deployment, step) }),
    );
    await output.step(`Removing the stack ${name}`, () => stacks.remove(name));
    return "removed";
  } catch (error) {
    if (!force || context.signal.aborted) throw error;
    output.warn(`the stack ${name} was left: ${toDsError(error).message}`);
    return "left";
  }
}

async function downSecret(
  context: Pick<Runtime, "output"> & HasSecrets,
  { stage, secretName }: Deployment,
  { secret }: Remains,
): Promise<DownReport["secret"]> {
  if (!secret) return "absent";
  const store = await context.secrets();
  return context.output.step(`Deleting the secret ${secretName}`, () =>
    store.delete(secretName, stage.owner === ciDeveloper ? "now" : { recoveryDays }),
  );
}

async function downBranch(
  context: Pick<Runtime, "output"> & HasNeon,
  journal: Journal,
  { branch }: Remains,
  aftermath: Aftermath,
): Promise<DownReport["branch"]> {
  if (!branch) return "absent";
  const neon = await context.neon();
  await journal.step("branch", aftermath, () =>
    context.output.step(`Deleting the branch ${branch.name}`, () =>
      neon.deleteBranch(branch.projectId, branch.id),
    ),
  );
  return "deleted";
}

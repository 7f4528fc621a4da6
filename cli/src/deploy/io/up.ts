import type { HasConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import { plural } from "../../lib/format/plural.ts";
import { applyMigrations } from "../../migrations/run/io/apply.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import type { Branch } from "../../neon/model.ts";
import type { Changes } from "../../runtime/changes.ts";
import type { Output } from "../../runtime/output.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasSecrets } from "../../secrets/io/secret-store.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import type { HasEnvFile } from "../../stages/io/env-file.ts";
import type { Deployment } from "../deployment.ts";
import type { HasStacks } from "../pulumi/io/stacks.ts";
import { type DeployStep, describeUnfinished } from "../unfinished.ts";
import { type UpReport, upForActions } from "../up-report.ts";
import { reportToActions } from "./github-actions.ts";
import { type Aftermath, type Journal, openJournal } from "./journal.ts";
import { withStageLock } from "./stage-lock.ts";
import { upBranch } from "./up-branch.ts";
import { readUrls, upSecret } from "./up-secret.ts";
import { upStack } from "./up-stack.ts";

type Needs = Runtime & HasConfig & HasEnvFile & HasDeveloper & HasNeon & HasSecrets & HasStacks;

/** Brings the stage to where it should be, step by step; each looks first at what is there already. */
export async function deployUp(
  context: Needs,
  deployment: Deployment,
  waitMs: number,
): Promise<UpReport> {
  const started = performance.now();
  await checkReady(context, deployment);
  const steps = await withStageLock(context, deployment, waitMs, async () => {
    const key = { projectId: deployment.project.id, stage: deployment.stage.name };
    const journal = await openJournal(context, key, "up");
    if (journal.before) {
      context.output.note(`going on where an earlier ${describeUnfinished(journal.before)}`);
    }
    const done = await takeSteps(context, deployment, journal, waitMs);
    await mustBeThere(context, deployment, done.branch);
    await journal.close();
    return { ...done, resumed: journal.before };
  });
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const report = { ...steps, seconds };
  await reportToActions(context, upForActions(deployment, report));
  return report;
}

/** What the later steps need is looked for before the first one makes anything. */
async function checkReady(
  context: HasSecrets & HasStacks,
  { stage, secretName }: Deployment,
): Promise<void> {
  const [stacks, store] = await Promise.all([context.stacks(), context.secrets()]);
  await Promise.all([stacks?.checkReady(stage.name), store.find(secretName)]);
}

const inPlace: Record<Exclude<DeployStep, "branch">, string> = {
  migrations: "The branch is in place.",
  secret: "The branch and its migrations are in place.",
  stack: "The branch, its migrations and the secret are in place.",
};

const aftermath = ({ changes }: Output, step: DeployStep): Aftermath => ({
  inPlace: () => (step === "branch" ? madeUntilNow(changes) : inPlace[step]),
  next: "ds deploy up goes on from here, ds deploy down removes what there is.",
});

function madeUntilNow(changes: Changes): string {
  const { clauses } = changes.account();
  return clauses.length === 0
    ? "Nothing of the stage was made by this run."
    : `This run has come so far: ${clauses.join("; ")}.`;
}

async function takeSteps(
  context: Needs,
  deployment: Deployment,
  journal: Journal,
  waitMs: number,
): Promise<Omit<UpReport, "seconds" | "resumed">> {
  const step = <T>(name: DeployStep, work: () => Promise<T>) =>
    journal.step(name, aftermath(context.output, name), work);

  const { created, target } = await journal.firstStep(
    "branch",
    aftermath(context.output, "branch"),
    () => upBranch(context, deployment),
  );
  const { branch } = target;
  const { urls, applied, warnings } = await step("migrations", async () => {
    const urls = await readUrls(context, target);
    const database = { url: urls.urlUnpooled, what: `branch ${branch.name}`, shared: false };
    const config = await context.config();
    const wishes = { waitMs, command: "ds deploy up" };
    return { urls, ...(await applyMigrations(context, config, database, wishes)) };
  });
  if (applied.length > 0) context.output.done(`Ran ${plural(applied.length, "migration")}`);
  const secret = await step("secret", () => upSecret(context, deployment, branch, urls));
  const stacks = await context.stacks();
  const stack =
    stacks &&
    (await step("stack", () =>
      upStack(context, stacks, deployment, { branchId: branch.id, waitMs }),
    ));
  const { description: store } = await context.secrets();
  return { branch, branchCreated: created, applied, warnings, secret, store, stack };
}

/** A `down` on another machine, where no lock of ours reaches, may have been at work meanwhile. */
async function mustBeThere(
  context: HasNeon,
  { stage, project }: Deployment,
  { id, name }: Branch,
): Promise<void> {
  const neon = await context.neon();
  const branches = await neon.listBranches(project.id);
  if (branches.some((branch) => branch.id === id)) return;
  throw new DsError(
    "CONFLICT",
    `stage ${stage.name}: its branch ${name} was deleted while the stage was being deployed`,
    {
      reason: "BRANCH_DELETED_MEANWHILE",
      hint: "If it is to be there after all: ds deploy up",
    },
  );
}

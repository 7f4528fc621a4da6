import type { AppContext } from "../../app-context.ts";
import { ciDeveloper } from "../../deploy/cloud-stage.ts";
import {
  type DownReport,
  deployDown,
  findRemains,
  isNothing,
  type Remains,
  recoveryDays,
} from "../../deploy/io/down.ts";
import { reportToActions } from "../../deploy/io/github-actions.ts";
import { openStageWork, type StageWork, type WorkFlags } from "../../deploy/io/stage-work.ts";
import { stampOf } from "../../deploy/stamp.ts";
import { DsError } from "../../errors/ds-error.ts";

interface Flags extends WorkFlags {
  force: boolean;
  yes: boolean;
}

/** Takes a cloud stage down: stack, secret, branch. What is gone already is no failure. */
export default async function down(
  context: AppContext,
  flags: Flags,
  gitBranch: string | undefined,
): Promise<void> {
  const { output } = context;
  const work = await openStageWork(context, flags, gitBranch);
  const { stage } = work;
  const remains = await findRemains(context, work, flags.force);
  if (!isNothing(remains)) {
    await context.confirm({
      message: question(work, remains),
      yes: flags.yes,
      command: `ds deploy down --developer ${stage.owner} --stage ${stage.name} --yes`,
    });
  }
  const report = await deployDown(context, work, flags.force);
  await reportToActions(context, {
    outputs: { stage: stage.name },
    title: `Stage ${stage.name} is down`,
    rows: [
      ["Stack", report.stack],
      ["Secret", report.secret],
      ["Branch", report.branch],
    ],
  });
  if (report.stack === "left") {
    throw new DsError(
      remains.stackUnknown?.code ?? "UPSTREAM",
      `stage ${stage.name}: the secret and the branch are gone, but its stack was left`,
      {
        hint: "Once Pulumi can be asked again: the same command, which then takes down the stack alone.",
        details: { stage: stage.name, down: report },
      },
    );
  }
  output.result(
    {
      stage: stage.name,
      owner: stage.owner,
      pullRequest: stage.pullRequest ?? null,
      project: { id: work.project.id, name: work.project.name },
      ...report,
      secretName: work.secretName,
      changed: changed(report),
    },
    (style) => `${style.green("✓")} ${resultText(work, report)}`,
  );
}

const changed = ({ stack, secret, branch }: DownReport) =>
  stack === "removed" || secret === "deleted" || branch === "deleted";

function question({ stage, secretName }: StageWork, { branch, secret, stack }: Remains): string {
  const stamp = branch && stampOf(branch.annotation);
  const what = [
    ...(stack ? [`the stack ${stack.fullName} and all that it has`] : []),
    ...(secret ? [`the secret ${secretName}`] : []),
    ...(branch ? [`the branch ${branch.name} (${branch.id}) with its data`] : []),
  ];
  const whose = stamp ? `, ${stamp.owner}'s` : "";
  return `Take down the stage ${stage.name}${whose}: ${what.join(", ")}?`;
}

function resultText({ stage, secretName }: StageWork, report: DownReport): string {
  if (!changed(report)) return `${stage.name} is down; there was nothing of it.`;
  const parts = [
    ...(report.stack === "removed" ? ["stack"] : []),
    ...(report.secret === "deleted" ? ["secret"] : []),
    ...(report.branch === "deleted" ? ["branch"] : []),
  ];
  const kept =
    report.secret === "deleted" && stage.owner !== ciDeveloper
      ? `\nThe secret ${secretName} can be restored for ${recoveryDays} days.`
      : "";
  return `${stage.name} is down: removed its ${parts.join(", ")}.${kept}`;
}

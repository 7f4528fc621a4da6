import type { AppContext } from "../../app-context.ts";
import { reportToActions } from "../../deploy/io/github-actions.ts";
import { planUp, type UpPlan } from "../../deploy/io/plan-up.ts";
import { openStageWork, type StageWork, type WorkFlags } from "../../deploy/io/stage-work.ts";
import { deployUp, type UpReport } from "../../deploy/io/up.ts";
import { ago } from "../../lib/format/ago.ts";
import { plural } from "../../lib/format/plural.ts";

interface Flags extends WorkFlags {
  dryRun: boolean;
}

/** Creates or updates one cloud stage: branch, migrations, secret, stack. */
export default async function up(
  context: AppContext,
  flags: Flags,
  gitBranch: string | undefined,
): Promise<void> {
  const { output } = context;
  const work = await openStageWork(context, flags, gitBranch);
  if (flags.dryRun) {
    const plan = await planUp(context, work);
    output.result({ ...facts(work), dryRun: true, plan }, planText(plan));
    return;
  }
  const started = performance.now();
  const report = await deployUp(context, work);
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  await tellActions(context, work, report);
  const { branch, stack } = report;
  const { description } = await context.secrets();
  output.result(
    {
      ...facts(work),
      branch: { id: branch.id, name: branch.name, created: report.branchCreated },
      expiresAt: branch.expiresAt ?? null,
      migrations: { applied: report.applied, warnings: report.warnings },
      secret: { name: work.secretName, store: description, change: report.secret },
      stack: stack ?? null,
      changed: report.changed,
      seconds,
    },
    (style) =>
      [
        `${style.green("✓")} ${style.bold(work.stage.name)} is up${report.changed ? "" : "; nothing had to change"} (${seconds} s).`,
        `  branch  ${branch.name} (${branch.id})${branch.expiresAt ? `, deleted by itself ${ago(branch.expiresAt, Date.now())}` : ""}`,
        `  secret  ${work.secretName} in ${description}`,
        ...(stack ? [`  stack   ${stack.name}${summaryOf(stack.summary)}`] : []),
        ...(stack ? outputLines(stack.outputs) : []),
      ].join("\n"),
  );
}

const facts = ({ stage, project }: StageWork) => ({
  stage: stage.name,
  owner: stage.owner,
  gitBranch: stage.gitBranch ?? null,
  pullRequest: stage.pullRequest ?? null,
  project: { id: project.id, name: project.name },
});

const summaryOf = (summary: string[]) => (summary.length > 0 ? `: ${summary.join(", ")}` : "");

const outputLines = (outputs: Record<string, unknown>) =>
  Object.entries(outputs).map(
    ([name, value]) => `    ${name} = ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );

function planText({ branch, migrations, secret, stack }: UpPlan): string {
  const words = { create: "created", update: "changed", keep: "left as it is" };
  const run = migrations.length > 0 ? `: ${migrations.join(", ")}` : "";
  return [
    "Nothing was changed. ds deploy up would go through these:",
    `  branch      ${branch.name}: ${words[branch.action]}`,
    `  migrations  ${plural(migrations.length, "migration")} to run${run}`,
    `  secret      ${secret.name}: ${words[secret.action]}`,
    ...(stack ? [`  stack       ${stack.name}: ${words[stack.action]}`] : []),
    ...(stack?.summary ?? []).map((line) => `                ${line}`),
  ].join("\n");
}

async function tellActions(
  context: AppContext,
  { stage, secretName }: StageWork,
  { branch, applied, stack, secret }: UpReport,
): Promise<void> {
  await reportToActions(context, {
    outputs: {
      stage: stage.name,
      "branch-id": branch.id,
      secret: secretName,
      stack: stack?.name,
      "preview-url": stack?.url,
    },
    title: `Stage ${stage.name} is up`,
    rows: [
      ["Preview", stack?.url],
      ["Branch", `${branch.name} (${branch.id})`],
      ["Migrations", applied.length > 0 ? applied.join(", ") : "none to run"],
      ["Secret", `${secretName} (${secret})`],
      ["Stack", stack && `${stack.name}${summaryOf(stack.summary)}`],
    ],
  });
}

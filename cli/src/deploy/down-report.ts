import type { DsError } from "../errors/ds-error.ts";
import type { Branch } from "../neon/model.ts";
import { recoveryDays, type Secret } from "../secrets/secret.ts";
import { ciDeveloper } from "./cloud-stage.ts";
import { type Deployment, deploymentFacts } from "./deployment.ts";
import type { ActionsReport } from "./github-actions.ts";
import type { Stack } from "./pulumi/stack.ts";
import { stampOf } from "./stamp.ts";

/** What there is of a stage. */
export interface Remains {
  branch: Branch | undefined;
  secret: Secret | undefined;
  stack: Stack | undefined;
  /** Pulumi could not be asked, or about another backend only. */
  stackUnknown: DsError | undefined;
}

export const isNothing = ({ branch, secret, stack, stackUnknown }: Remains): boolean =>
  !branch && !secret && !stack && !stackUnknown;

/** What became of each. */
export interface DownReport {
  stack: "removed" | "absent" | "left" | "none";
  secret: "deleted" | "absent";
  branch: "deleted" | "absent";
}

export const nothingThere: DownReport = { stack: "absent", secret: "absent", branch: "absent" };

export function downQuestion({ stage, secretName }: Deployment, remains: Remains): string {
  const { branch, secret, stack } = remains;
  const stamp = branch && stampOf(branch.annotation);
  const what = [
    ...(stack ? [`the stack ${stack.fullName} and all that it has`] : []),
    ...(secret ? [`the secret ${secretName}`] : []),
    ...(branch ? [`the branch ${branch.name} (${branch.id}) with its data`] : []),
  ];
  const whose = stamp ? `, ${stamp.owner}'s` : "";
  return `Take down the stage ${stage.name}${whose}: ${what.join(", ")}?`;
}

const isChanged = ({ stack, secret, branch }: DownReport) =>
  stack === "removed" || secret === "deleted" || branch === "deleted";

/** CI's secrets are gone at once: the next run makes them anew. */
const isRecoverable = ({ stage }: Pick<Deployment, "stage">, { secret }: DownReport) =>
  secret === "deleted" && stage.owner !== ciDeveloper;

export const downDocument = (deployment: Deployment, report: DownReport) => ({
  ...deploymentFacts(deployment),
  ...report,
  secretName: deployment.secretName,
  secretRecoveryDays: isRecoverable(deployment, report) ? recoveryDays : null,
  changed: isChanged(report),
});

export function downText({ stage, secretName }: Deployment, report: DownReport): string {
  if (!isChanged(report)) return `${stage.name} is down; there was nothing of it.`;
  const parts = [
    ...(report.stack === "removed" ? ["stack"] : []),
    ...(report.secret === "deleted" ? ["secret"] : []),
    ...(report.branch === "deleted" ? ["branch"] : []),
  ];
  const kept = isRecoverable({ stage }, report)
    ? `\nThe secret ${secretName} can be restored for ${recoveryDays} days.`
    : "";
  return `${stage.name} is down: removed its ${parts.join(", ")}.${kept}`;
}

export const downForActions = ({ stage }: Deployment, report: DownReport): ActionsReport => ({
  outputs: { stage: stage.name },
  title: `Stage ${stage.name} is down`,
  rows: [
    ["Stack", report.stack],
    ["Secret", report.secret],
    ["Branch", report.branch],
  ],
});

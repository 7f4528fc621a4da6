import { ago } from "../lib/format/ago.ts";
import type { Style } from "../lib/terminal/style.ts";
import type { Branch } from "../neon/model.ts";
import type { SecretChange } from "../secrets/secret.ts";
import { type Deployment, deploymentFacts } from "./deployment.ts";
import type { ActionsReport } from "./github-actions.ts";
import type { Unfinished } from "./unfinished.ts";

export interface StackStep {
  name: string;
  backend: string;
  created: boolean;
  changed: boolean;
  summary: string[];
  outputs: Record<string, unknown>;
  /** The program's output `url`, when it is a web page's. */
  url: string | undefined;
}

/** What `ds deploy up` has made or found. */
export interface UpReport {
  branch: Branch;
  branchCreated: boolean;
  applied: string[];
  warnings: string[];
  secret: SecretChange;
  /** Where secrets are kept, for people. */
  store: string;
  stack: StackStep | undefined;
  /** Where an earlier run had stopped, and this one went on. */
  resumed: Unfinished | undefined;
  seconds: number;
}

const hasChanged = ({ branchCreated, applied, secret, stack }: UpReport): boolean =>
  branchCreated ||
  applied.length > 0 ||
  secret !== "unchanged" ||
  Boolean(stack?.created || stack?.changed);

export function upFacts(deployment: Deployment) {
  const { stage, owner, ...rest } = deploymentFacts(deployment);
  return { stage, owner, gitBranch: deployment.stage.gitBranch ?? null, ...rest };
}

export function upDocument(deployment: Deployment, report: UpReport) {
  const { branch, stack } = report;
  return {
    ...upFacts(deployment),
    branch: { id: branch.id, name: branch.name, created: report.branchCreated },
    expiresAt: branch.expiresAt ?? null,
    migrations: { applied: report.applied, warnings: report.warnings },
    secret: { name: deployment.secretName, store: report.store, change: report.secret },
    stack: stack ?? null,
    changed: hasChanged(report),
    resumed: report.resumed ?? null,
    seconds: report.seconds,
  };
}

export function upText({ stage, secretName }: Deployment, report: UpReport, style: Style): string {
  const { branch, stack, store, seconds } = report;
  const end = branch.expiresAt ? `, deleted by itself ${ago(branch.expiresAt, Date.now())}` : "";
  const unchanged = hasChanged(report) ? "" : "; nothing had to change";
  return [
    `${style.green("✓")} ${style.bold(stage.name)} is up${unchanged} (${seconds} s).`,
    `  branch  ${branch.name} (${branch.id})${end}`,
    `  secret  ${secretName} in ${store}`,
    ...(stack ? [`  stack   ${stack.name}${summaryOf(stack)}`, ...outputLines(stack)] : []),
  ].join("\n");
}

/** What later steps of a job and its summary are told. */
export function upForActions({ stage, secretName }: Deployment, report: UpReport): ActionsReport {
  const { branch, applied, stack, secret } = report;
  return {
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
      ["Stack", stack && `${stack.name}${summaryOf(stack)}`],
    ],
  };
}

const summaryOf = ({ summary }: StackStep) => (summary.length > 0 ? `: ${summary.join(", ")}` : "");

const outputLines = ({ outputs }: StackStep) =>
  Object.entries(outputs).map(
    ([name, value]) => `    ${name} = ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );

import { appendFile, readFile } from "node:fs/promises";
import { isGithubActions } from "../../lib/process/environment.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { type PullRequest, pullRequestFrom } from "../github/pull-request.ts";
import {
  type ActionsReport,
  type ActionsRun,
  actionsRun,
  outputLines,
  summaryTable,
} from "../github-actions.ts";

type Needs = Pick<Runtime, "env">;

/** Undefined outside of GitHub Actions. */
export async function currentActionsRun({ env }: Needs): Promise<ActionsRun | undefined> {
  if (!isGithubActions(env)) return undefined;
  return actionsRun({
    event: env.GITHUB_EVENT_NAME ?? "",
    ref: env.GITHUB_REF ?? "",
    payload: await readPayload(env.GITHUB_EVENT_PATH),
  });
}

async function readPayload(path: string | undefined): Promise<unknown> {
  if (!path) return undefined;
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** The pull request as the run's event has it; undefined where it has another one, or none. */
export async function pullRequestOfEvent(
  { env }: Needs,
  number: number,
): Promise<PullRequest | undefined> {
  if (!isGithubActions(env)) return undefined;
  const { pull_request: told } = ((await readPayload(env.GITHUB_EVENT_PATH)) ?? {}) as {
    pull_request?: unknown;
  };
  const found = pullRequestFrom(told);
  return found?.number === number ? found : undefined;
}

/** Writes $GITHUB_OUTPUT and $GITHUB_STEP_SUMMARY, where they are. */
export async function reportToActions(
  context: Needs,
  { outputs, title, rows }: ActionsReport,
): Promise<void> {
  await writeOutputs(context, outputs);
  await writeSummary(context, summaryTable(title, rows));
}

/** For later steps of the job. */
export async function writeOutputs(
  { env }: Needs,
  outputs: ActionsReport["outputs"],
): Promise<void> {
  if (env.GITHUB_OUTPUT) await appendFile(env.GITHUB_OUTPUT, outputLines(outputs));
}

/** False where there is none. */
export async function writeSummary({ env }: Needs, markdown: string): Promise<boolean> {
  if (!env.GITHUB_STEP_SUMMARY) return false;
  await appendFile(env.GITHUB_STEP_SUMMARY, markdown);
  return true;
}

import { appendFile, readFile } from "node:fs/promises";
import { isGithubActions } from "../../lib/process/environment.ts";
import type { Runtime } from "../../runtime/runtime.ts";
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

/** Writes $GITHUB_OUTPUT and $GITHUB_STEP_SUMMARY, where they are. */
export async function reportToActions(
  { env }: Needs,
  { outputs, title, rows }: ActionsReport,
): Promise<void> {
  if (env.GITHUB_OUTPUT) await appendFile(env.GITHUB_OUTPUT, outputLines(outputs));
  if (env.GITHUB_STEP_SUMMARY) {
    await appendFile(env.GITHUB_STEP_SUMMARY, summaryTable(title, rows));
  }
}

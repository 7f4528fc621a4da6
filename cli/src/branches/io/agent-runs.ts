import { readFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { isProcessRunning, processStartTime } from "../../lib/io/processes.ts";
import { writeFileAtomic } from "../../lib/io/write-file-atomic.ts";
import type { Branch } from "../../neon/model.ts";
import { homeFolder } from "../../runtime/io/home-folder.ts";

/** What this home knows of the last run of `ds agent exec` on a branch. */
export interface AgentRun {
  branchId: string;
  /** Just before its command began: the branch's past has the state of then. */
  before: string;
  /** Its command: what is left of a run that was killed. */
  pid: number | undefined;
  started: string | undefined;
  /** It was to stay when the run ended. */
  kept: boolean;
}

const nameOf = ({ projectId, id }: Pick<Branch, "projectId" | "id">) => `${projectId}.${id}.json`;

const fileOf = async (home: string, branch: Pick<Branch, "projectId" | "id">) =>
  join(await homeFolder(home, "agents"), nameOf(branch));

export async function readAgentRun(
  home: string,
  branch: Pick<Branch, "projectId" | "id">,
): Promise<AgentRun | undefined> {
  const text = await readFile(await fileOf(home, branch), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const run = JSON.parse(text) as AgentRun;
    const isWhole = run.branchId === branch.id && !Number.isNaN(Date.parse(run.before));
    return isWhole ? run : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a run of this home's has ended, or was killed, without deleting a branch that it was to delete. */
export function agentRunIsOver(home: string, branch: Pick<Branch, "projectId" | "id">): boolean {
  const path = join(home, "agents", nameOf(branch));
  try {
    const { pid, started, kept } = JSON.parse(readFileSync(path, "utf8")) as AgentRun;
    return !kept && (pid === undefined || !isSameProcess(pid, started));
  } catch {
    return false;
  }
}

/** Whether the process that had the number then has it still. */
export const isSameProcess = (pid: number, started: string | undefined): boolean =>
  isProcessRunning(pid) && processStartTime(pid) === started;

export async function writeAgentRun(
  home: string,
  branch: Pick<Branch, "projectId" | "id">,
  run: Omit<AgentRun, "branchId">,
): Promise<void> {
  await writeFileAtomic(
    await fileOf(home, branch),
    JSON.stringify({ branchId: branch.id, ...run }),
  );
}

export async function removeAgentRun(
  home: string,
  branch: Pick<Branch, "projectId" | "id">,
): Promise<void> {
  await rm(await fileOf(home, branch), { force: true });
}

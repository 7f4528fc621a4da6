import { isSameProcess, readAgentRun } from "../../../branches/io/agent-runs.ts";
import { createBranch } from "../../../branches/io/create-branch.ts";
import { deleteBranch } from "../../../branches/io/delete-branch.ts";
import { makerOf } from "../../../branches/made-by.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { shellWord } from "../../../lib/text/shell-quote.ts";
import type { Branch } from "../../../neon/model.ts";
import { requireProject } from "../../../stages/io/project.ts";
import type { ExecServices } from "./services.ts";

export interface WantedBranch {
  stage: string;
  name: string;
  owner: string;
  from: string | undefined;
  ttlMs: number;
  /** The branch of an earlier run is taken as it is. */
  resume: boolean;
}

/** The branch of a run: a new one, or with `resume` that of an earlier run. */
export async function agentBranch(
  services: ExecServices,
  wanted: WantedBranch,
): Promise<{ branch: Branch; isNew: boolean }> {
  const neon = await services.neon();
  const project = await requireProject(services, (await services.config()).project);
  const found = (await neon.listBranches(project.id)).find(({ name }) => name === wanted.name);
  if (found !== undefined) {
    if (makerOf(found)?.by !== "agent") throw nameTaken(wanted.name, "is no agent's");
    const run = await readAgentRun(services.home, found);
    // Its supervisor was killed, which the lock shows; the command may have gone on.
    if (run?.pid !== undefined && isSameProcess(run.pid, run.started)) throw stillRunning(run.pid);
    if (wanted.resume) {
      const expiresAt = new Date(Date.now() + wanted.ttlMs).toISOString();
      await neon.updateBranch(project.id, found.id, { expiresAt });
      return { branch: { ...found, expiresAt }, isNew: false };
    }
    if (run === undefined || run.kept) throw nameTaken(wanted.name, "was kept");
    services.output.note(`${wanted.name} is left of a run that was killed; it is made anew`);
    await deleteBranch(services, found.name, true);
  } else if (wanted.resume) {
    throw new DsError("NOT_FOUND", `there is no branch ${wanted.name} to go on with`, {
      reason: "BRANCH_NOT_FOUND",
      hint: "Leave out --resume to make it.",
    });
  }
  const { branch } = await createBranch(services, {
    name: wanted.name,
    from: wanted.from,
    at: undefined,
    ttl: wanted.ttlMs,
    endpoint: true,
    maker: { by: "agent", owner: wanted.owner, stage: wanted.stage },
  });
  return { branch, isNew: true };
}

const stillRunning = (pid: number) =>
  new DsError("CONFLICT", `the command of an earlier run still runs on the branch (pid ${pid})`, {
    reason: "AGENT_RUNNING",
    hint: `Wait for it, or end it: kill ${pid}`,
    details: { pid },
  });

const nameTaken = (name: string, why: string) =>
  new DsError("CONFLICT", `there is a branch ${name} already, which ${why}`, {
    reason: "BRANCH_NAME_TAKEN",
    hint: `Choose another --name, go on with it (--resume), or delete it: ds db delete ${shellWord(name)}`,
  });

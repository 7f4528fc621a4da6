import type { Project } from "../../neon/model.ts";
import { withLock } from "../../runtime/io/lock-file.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Deployment } from "../deployment.ts";

export const stageLock = (project: Pick<Project, "id">, stage: string): string =>
  `deploy-${project.id}-${stage}`;

/**
 * Nobody else on this machine is at work on the stage meanwhile. Between machines there is no lock of ours: a branch's
 * name can be taken once only, the migrator locks the database, Pulumi locks the stack, and every step looks first.
 *
 * @param waitMs for how long to wait for others
 */
export function withStageLock<T>(
  { home, output, signal }: Pick<Runtime, "home" | "output" | "signal">,
  { project, stage }: Deployment,
  waitMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const onWait = (pid: number) =>
    output.note(`another ds (pid ${pid}) is at work on the stage ${stage.name}; waiting for it`);
  const name = stageLock(project, stage.name);
  return withLock({ home, name, signal, waitMs, onWait }, work);
}

import { randomBytes } from "node:crypto";
import { pid } from "node:process";
import type { HasEngine } from "../../engine/io/daemon.ts";
import { once } from "../../lib/async/once.ts";
import { ago } from "../../lib/format/ago.ts";
import { isProcessRunning } from "../../lib/io/processes.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import { readWriteEndpoint } from "../../neon/lookup.ts";
import type { PointInTime } from "../../neon/point-in-time.ts";
import { ensureMachineId, readMachineId } from "../../runtime/io/machine-id.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Target } from "../../stages/io/target.ts";
import {
  type EphemeralPurpose,
  ephemeralName,
  isLeftover,
  parseEphemeralName,
} from "../ephemeral-name.ts";
import { uninterruptedApi } from "./restore-keeping.ts";

/** Only matters when this process is killed and no other of this machine ever comes by. */
const usualLife = 3_600_000;

export interface EphemeralBranch {
  id: string;
  name: string;
  url: string;
}

type Parent = Pick<Target, "project" | "branch" | "login">;

/**
 * A copy of the target's branch as it is now, or was at a moment, for as long as the work takes. It is gone afterwards
 * however the work ends.
 */
export async function withEphemeralBranch<T>(
  context: Runtime & HasEngine,
  target: Parent,
  purpose: EphemeralPurpose,
  work: (branch: EphemeralBranch) => Promise<T>,
  at?: PointInTime,
): Promise<T> {
  const { remove, ...branch } = await makeEphemeralBranch(context, target, purpose, {
    ...(at && { at }),
  });
  try {
    // Whatever is done to it goes with it.
    return await context.output.changes.quietly(() => work(branch));
  } finally {
    await remove();
  }
}

/** Makes such a copy and leaves its removal to the caller: `remove` does not fail, it warns. */
export async function makeEphemeralBranch(
  context: Runtime & HasEngine,
  target: Parent,
  purpose: EphemeralPurpose,
  { longestLife = usualLife, at }: { longestLife?: number; at?: PointInTime } = {},
): Promise<EphemeralBranch & { remove(): Promise<void> }> {
  const { project, branch: parent } = target;
  const api = await uninterruptedApi(context)();
  const random = randomBytes(2).toString("hex");
  const name = ephemeralName(
    purpose,
    parent.name,
    { machine: await ensureMachineId(context.home), pid },
    random,
  );
  const login = await target.login();
  const expiresAt = new Date(Date.now() + longestLife).toISOString();
  const { changes } = context.output;
  changes.set(
    name,
    `the throwaway branch ${name} may be left, and will then be deleted automatically`,
    "unknown",
  );
  const branch = await changes.quietly(() =>
    api.createBranch(project.id, { name, parentId: parent.id, expiresAt, ...(at && { at }) }),
  );
  changes.set(name, `the throwaway branch ${name} is left, and will be deleted automatically`);
  const remove = once(() =>
    changes
      .quietly(() => api.deleteBranch(project.id, branch.id))
      .then(
        () => changes.drop(name),
        (error: Error) => {
          context.output.warn(
            `the throwaway branch ${name} is still there and expires ${ago(expiresAt, Date.now())}: ${error.message}`,
          );
        },
      ),
  );
  try {
    const endpoint = readWriteEndpoint(await api.listEndpoints(project.id), branch.id);
    const url = await api.connectionUrl(project.id, {
      branchId: branch.id,
      ...(endpoint ? { endpointId: endpoint.id } : {}),
      ...login,
      pooled: false,
    });
    context.signal.throwIfAborted();
    return { id: branch.id, name, url, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Whether a run of this home that is over has left the branch of this name behind. */
export function runIsOver(home: string, name: string): boolean {
  if (parseEphemeralName(name) === undefined) return false;
  const machine = readMachineId(home);
  return machine !== undefined && isLeftover(name, machine, isProcessRunning);
}

/** Removes what killed runs of this machine have left; that it fails is no reason to stop. */
export async function removeOrphanedBranches(
  context: Pick<Runtime, "home" | "output"> & HasNeon,
  { project, branches }: Pick<Target, "project" | "branches">,
): Promise<void> {
  const left = branches.filter(({ name }) => runIsOver(context.home, name));
  if (left.length === 0) return;
  const api = await context.neon();
  for (const branch of left) {
    await context.output.changes
      .quietly(() => api.deleteBranch(project.id, branch.id))
      .then(
        () => context.output.note(`removed ${branch.name}, left by a run that was killed`),
        (error: Error) => context.output.warn(`${branch.name} is left over: ${error.message}`),
      );
  }
}

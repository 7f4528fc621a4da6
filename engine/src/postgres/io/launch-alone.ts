import { setTimeout as sleep } from "node:timers/promises";
import {
  type ComputeEnvironment,
  type ComputePlan,
  launch,
  type Running,
  StartFailure,
} from "./launch.ts";
import { findPostmaster, stopPostmaster } from "./processes.ts";

const mostLaunches = 3;
const longestOrphansMs = 15_000;

/** Launches Postgres after ending what a killed engine has left on its data directory. */
export async function launchAlone(
  environment: ComputeEnvironment,
  plan: ComputePlan,
): Promise<Running> {
  const deadline = Date.now() + longestOrphansMs;
  for (let attempt = 1; ; attempt += 1) {
    const leftOver = await findPostmaster(plan.dataDir);
    if (leftOver !== undefined) await stopPostmaster(leftOver);
    try {
      return await launch(environment, plan);
    } catch (error) {
      // One that a killed engine had just begun to start shows itself only when ours finds its lock.
      const isThere = (await findPostmaster(plan.dataDir)) !== undefined;
      if (isThere && attempt < mostLaunches) continue;
      // Its postmaster was killed; each of them ends when it next waits for something.
      const hasBackends = error instanceof StartFailure && error.reason === "BACKENDS_LEFT";
      if (!hasBackends || Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

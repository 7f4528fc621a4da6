import { setTimeout as sleep } from "node:timers/promises";
import { DsError } from "../../errors/ds-error.ts";
import { monotonicMs } from "../../lib/async/monotonic.ts";
import type { Environment } from "../../lib/process/environment.ts";
import { freeThePort, type PortHolder, portTaken } from "../port.ts";
import { isPortTaken, portHolder } from "./port-holder.ts";

const everyMs = 250;

/** So long a port is waited for where nobody watches. */
const unwatchedMs = 60_000;

export interface AwaitedPort {
  name: string;
  port: number;
  /** For the program that says who has it. */
  env: Environment;
  /** Somebody reads what is said, and can free the port. */
  isWatched: boolean;
  onTaken(holder: PortHolder | undefined): void;
}

/** Waits until nobody listens on the port: a process that is started before only fails. */
export async function awaitPort(
  { name, port, env, isWatched, onTaken }: AwaitedPort,
  signal: AbortSignal,
): Promise<void> {
  const deadline = monotonicMs() + unwatchedMs;
  for (let told = false; await isPortTaken(port); told = true) {
    if (!told) onTaken(await portHolder(port, env));
    if (!isWatched && monotonicMs() > deadline) {
      const holder = await portHolder(port, env);
      throw new DsError("CONFLICT", `${name} was not started: ${portTaken(port, holder)}`, {
        reason: "PORT_TAKEN",
        hint: freeThePort(port, holder),
        details: { port, ...(holder ? { pid: holder.pid } : {}) },
      });
    }
    await sleep(everyMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
  }
}

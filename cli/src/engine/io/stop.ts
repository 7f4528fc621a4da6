import { setTimeout as sleep } from "node:timers/promises";
import { DsError } from "../../errors/ds-error.ts";
import { loopbackHttp } from "../../lib/io/loopback-http.ts";
import { isProcessRunning } from "../../lib/io/processes.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { EngineAddress } from "./find.ts";

const answerLimitMs = 5000;
/** Databases are shut down cleanly, which may take a while. */
const endLimitMs = 60_000;

/** Returns when the process is gone; Ctrl-C ends the wait for it. */
export async function stopEngine(
  { signal, output: { changes } }: Pick<Runtime, "output" | "signal">,
  { url, key, pid }: EngineAddress,
): Promise<void> {
  signal.throwIfAborted();
  changes.set(stopEngine, "the engine was told to stop, and goes on stopping", "unknown");
  const headers = { authorization: `Bearer ${key}` };
  await loopbackHttp(new URL("/engine/stop", url), { headers, body: "{}", timeout: answerLimitMs });
  for (const deadline = Date.now() + endLimitMs; Date.now() < deadline; await sleep(50)) {
    if (!isProcessRunning(pid)) {
      changes.set(stopEngine, "the engine was stopped");
      return;
    }
    signal.throwIfAborted();
  }
  throw new DsError("UPSTREAM", `the engine (pid ${pid}) was asked to stop, but still runs`, {
    hint: "Look at its log: ds engine logs",
  });
}

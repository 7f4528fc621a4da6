import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DsError } from "../../errors/ds-error.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { StartReport } from "../contract.ts";
import { reportOf } from "./report.ts";

const startLimitMs = 60_000;

interface Started {
  url: string;
  pid: number;
  /** How many data directories this start has set aside, as no record refers to them. */
  setAside: number;
}

/** Spawns the daemon detached and waits for its word. Two at once are fine: the second reports the first. */
export async function startEngine(
  program: string,
  { home, env, output, signal }: Pick<Runtime, "home" | "env" | "output" | "signal">,
): Promise<Started> {
  const hint = `Its log may say more: ${join(home, "engine.log")}`;
  const child = spawn(process.execPath, [program, "serve", "--home", home], {
    detached: true,
    cwd: "/",
    env: { ...env, DS_HOME: home },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const heard = new AbortController();
  const { changes } = output;
  changes.set(child, "the local engine goes on starting: `ds engine status` shows it", "unknown");
  try {
    const started = await Promise.race([
      wordOf(child, hint),
      givenUp(AbortSignal.any([signal, heard.signal]), hint),
    ]);
    changes.drop(child);
    return started;
  } catch (error) {
    if (!signal.aborted) changes.drop(child);
    throw error;
  } finally {
    heard.abort();
    if (child.connected) child.disconnect();
    child.unref();
  }
}

async function wordOf(child: ChildProcess, hint: string): Promise<Started> {
  const report = await reportOf<Extract<StartReport, { type: "ready" }>>(child, hint);
  const { url, pid, setAside = 0 } = report;
  return { url, pid, setAside };
}

/** Fails when the signal comes, or nothing for too long. */
async function givenUp(signal: AbortSignal, hint: string): Promise<never> {
  await sleep(startLimitMs, undefined, { signal }).catch(() => {
    throw new DsError("INTERRUPTED", "interrupted while the engine was starting");
  });
  const message = `the local engine was not ready after ${startLimitMs / 1000} s`;
  throw new DsError("UPSTREAM", message, { hint });
}

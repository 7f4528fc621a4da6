import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DsError, exitStatus } from "../../errors/ds-error.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { StartReport } from "../contract.ts";

const startLimitMs = 60_000;

interface Started {
  url: string;
  pid: number;
}

/** Spawns the daemon detached and waits for its word. Two at once are fine: the second reports the first. */
export async function startEngine(
  program: string,
  { home, env, signal }: Pick<Runtime, "home" | "env" | "signal">,
): Promise<Started> {
  const hint = `Its log may say more: ${join(home, "engine.log")}`;
  const child = spawn(process.execPath, [program, "serve", "--home", home], {
    detached: true,
    cwd: "/",
    env: { ...env, DS_HOME: home },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const heard = new AbortController();
  try {
    return await Promise.race([
      wordOf(child, hint),
      givenUp(AbortSignal.any([signal, heard.signal]), hint),
    ]);
  } finally {
    heard.abort();
    if (child.connected) child.disconnect();
    child.unref();
  }
}

function wordOf(child: ChildProcess, hint: string): Promise<Started> {
  return new Promise((ready, failed) => {
    child.on("error", (cause) => {
      const message = `the local engine could not be started: ${cause.message}`;
      failed(new DsError("UPSTREAM", message, { cause }));
    });
    child.on("exit", (code, by) => {
      const message = `the local engine ended while starting (${by ?? `exit ${code}`})`;
      failed(new DsError("UPSTREAM", message, { hint }));
    });
    child.on("message", (report: StartReport) => {
      if (report.type === "ready") return ready({ url: report.url, pid: report.pid });
      // An engine of another version may know a code that this command does not.
      const code = report.code in exitStatus ? report.code : "UPSTREAM";
      failed(new DsError(code, report.message, { hint: report.hint ?? hint }));
    });
  });
}

/** Fails when the signal comes, or nothing for too long. */
async function givenUp(signal: AbortSignal, hint: string): Promise<never> {
  await sleep(startLimitMs, undefined, { signal }).catch(() => {
    throw new DsError("INTERRUPTED", "interrupted while the engine was starting");
  });
  const message = `the local engine was not ready after ${startLimitMs / 1000} s`;
  throw new DsError("UPSTREAM", message, { hint });
}

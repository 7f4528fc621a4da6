import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DsError, type ErrorCode, exitStatus } from "../../errors/ds-error.ts";
import { loopbackHttp } from "../../lib/io/loopback-http.ts";
import { isProcessRunning } from "../../lib/io/processes.ts";
import type { Runtime } from "../../runtime/runtime.ts";

/** How the engine of a home is reached. */
export interface EngineAddress {
  /** Base URL of the API: `http://127.0.0.1:24117/api/v2`. */
  url: string;
  key: string;
  pid: number;
}

export interface Engine {
  readonly logFile: string;
  /** The running engine; undefined when none answers for this home. */
  running(): Promise<EngineAddress | undefined>;
  /** The running engine, started when there is none. */
  ensure(): Promise<EngineAddress & { started: boolean }>;
  /** What the running engine says of itself; NOT_FOUND when none runs. */
  status(limitMs?: number): Promise<EngineStatus>;
  /** Returns when the process is gone. */
  stop(): Promise<void>;
  /** The built engine, for sub-commands that it runs by itself. */
  readonly program: string;
}

/** Answer of the engine's own `GET /engine/status`, which is no part of Neon's API. */
export interface EngineStatus {
  version: string;
  pid: number;
  home: string;
  url: string;
  startedAt: string;
  projects: number;
  branches: number;
  computesRunning: number;
  clone: { method: string; reason?: string; advice?: string };
  disk: { usedBytes: number; freeBytes: number; volume: string };
  postgres: { version: string; bin: string };
  problems: string[];
}

type Home = Runtime;

/** What the daemon says over its IPC channel once. */
type Report =
  | { type: "ready"; url: string; pid: number }
  | { type: "failed"; code: string; message: string; hint?: string };

const startLimitMs = 60_000;

export function openEngine(context: Home): Engine {
  const { home } = context;
  const program = fileURLToPath(new URL("./engine.js", import.meta.url));
  const running = async () => {
    const state = readState(home);
    if (!state) return undefined;
    const health = await askHealth(state.url);
    // After a reboot another home's engine may have the port.
    if (health?.homeId !== state.homeId) return undefined;
    return { url: state.url, pid: health.pid, key: readKey(home) };
  };
  return {
    status: async (limitMs = 60_000) => {
      const { url, key } = await mustRun(running, home);
      const address = new URL("/engine/status", url);
      const status = await getJson<EngineStatus>(address, key, "GET", limitMs);
      if (status) return status;
      throw new DsError("UPSTREAM", `the engine at ${url} does not answer`, {
        hint: "Look at its log: ds engine logs",
      });
    },
    stop: async () => {
      const { url, key, pid } = await mustRun(running, home);
      await getJson(new URL("/engine/stop", url), key, "POST");
      await gone(pid);
    },
    logFile: join(home, "engine.log"),
    program,
    running,
    ensure: async () => {
      const found = await running();
      if (found) return { ...found, started: false };
      return await context.output.step("Starting the local engine", async (step) => {
        const { url, pid } = await start(program, context);
        step.finish(`Local engine is running at ${url}`);
        return { url, pid, key: readKey(home), started: true };
      });
    },
  };
}

async function mustRun(running: Engine["running"], home: string): Promise<EngineAddress> {
  const found = await running();
  if (found) return found;
  throw new DsError("NOT_FOUND", `no engine runs for ${home}`, {
    hint: "Start it: ds engine start",
  });
}

/** Waits for the process to end; databases are shut down cleanly, which may take a while. */
async function gone(pid: number): Promise<void> {
  for (const deadline = Date.now() + startLimitMs; Date.now() < deadline; await sleep(50)) {
    if (!isProcessRunning(pid)) return;
  }
  throw new DsError("UPSTREAM", `the engine (pid ${pid}) was asked to stop, but still runs`, {
    hint: "Look at its log: ds engine logs",
  });
}

/** Spawns the daemon detached and waits for its word. Two at once are fine: the second reports the first. */
async function start(
  program: string,
  { home, env, signal }: Home,
): Promise<{ url: string; pid: number }> {
  const { spawn } = await import("node:child_process");
  const child = spawn(process.execPath, [program, "serve", "--home", home], {
    detached: true,
    cwd: "/",
    env: { ...env, DS_HOME: home },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  return new Promise((ready, failed) => {
    const hint = `Its log may say more: ${join(home, "engine.log")}`;
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      if (child.connected) child.disconnect();
      child.unref();
      settle();
    };
    const fail = (error: DsError) => end(() => failed(error));
    const onAbort = () =>
      fail(new DsError("INTERRUPTED", "interrupted while the engine was starting"));
    const timer = setTimeout(
      () =>
        fail(
          new DsError("UPSTREAM", `the local engine was not ready after ${startLimitMs / 1000} s`, {
            hint,
          }),
        ),
      startLimitMs,
    );
    signal.addEventListener("abort", onAbort, { once: true });
    child.on("error", (cause) =>
      fail(
        new DsError("UPSTREAM", `the local engine could not be started: ${cause.message}`, {
          cause,
        }),
      ),
    );
    child.on("exit", (code, by) =>
      fail(
        new DsError("UPSTREAM", `the local engine ended while starting (${by ?? `exit ${code}`})`, {
          hint,
        }),
      ),
    );
    child.on("message", (report: Report) => {
      if (report.type === "ready") return end(() => ready({ url: report.url, pid: report.pid }));
      const code = (report.code in exitStatus ? report.code : "UPSTREAM") as ErrorCode;
      fail(new DsError(code, report.message, { hint: report.hint ?? hint }));
    });
  });
}

function readState(home: string) {
  try {
    const text = readFileSync(join(home, "engine.json"), "utf8");
    const state = JSON.parse(text) as { url: string; homeId: string };
    return typeof state.url === "string" && typeof state.homeId === "string" ? state : undefined;
  } catch {
    // Written by rename, so it is whole, absent or not ours; starting the engine puts it right.
    return undefined;
  }
}

function readKey(home: string): string {
  const file = join(home, "api-key");
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new DsError("CREDENTIALS", `the key of the local engine cannot be read: ${file}`, {
      hint: "Run ds as the user who started the engine, or choose another DS_HOME.",
      cause,
    });
  }
}

async function askHealth(url: string): Promise<{ homeId: string; pid: number } | undefined> {
  const answer = await loopbackHttp(new URL("/health", url), { timeout: 5000 });
  try {
    return JSON.parse(answer ?? "") as { homeId: string; pid: number };
  } catch {
    return undefined;
  }
}

/** The JSON answer; undefined when nothing sensible answers in time, or without a body. */
async function getJson<T>(
  url: URL,
  key: string,
  method = "GET",
  timeout = 5000,
): Promise<T | undefined> {
  const { request } = await import("node:http");
  const headers = { authorization: `Bearer ${key}` };
  return new Promise((done) => {
    const call = request(url, { method, headers, timeout }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => {
        text += chunk;
      });
      answer.on("end", () => {
        try {
          done(answer.statusCode === 200 ? (JSON.parse(text) as T) : undefined);
        } catch {
          done(undefined);
        }
      });
      answer.on("error", () => done(undefined));
    });
    call.on("timeout", () => call.destroy());
    call.on("error", () => done(undefined));
    call.end();
  });
}

export interface HasEngine {
  engine(): Promise<Engine>;
}

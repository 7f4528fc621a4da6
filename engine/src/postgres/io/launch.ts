import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EngineError } from "../../lib/engine-error.ts";
import { findEphemeralPort } from "../../lib/io/ports.ts";
import {
  lastComplaint,
  type ServerMessageMeaning,
  serverMessageMeaning,
} from "../server-messages.ts";
import type { Binaries } from "./binaries.ts";
import type { Certificate } from "./certificate.ts";
import type { PostgresUser } from "./os-user.ts";
import { postmasterReady, stopPostmaster } from "./processes.ts";

/** What all computes of an engine have in common. */
export interface ComputeEnvironment {
  binaries: Binaries;
  user: PostgresUser | undefined;
  certificate: Certificate;
  adminPassword: string;
  /** Where Postgres finds extensions, as settings; they change when one is added. */
  libraries: () => Promise<Record<string, string>>;
  /** Libraries that it can load at its start. */
  preloadable: readonly string[];
  /** Its own pg_dump, where the one that the engine brings is of another version. */
  dumpProgram?: string | undefined;
}

/** What one compute runs on; read anew at every start, because a restore changes it. */
export interface ComputePlan {
  dataDir: string;
  logFile: string;
  clusterName: string;
  /** Settings for the command line, e.g. `neon.branch_id`. */
  settings: Record<string, string>;
}

/** A Postgres that accepts connections. */
export interface Running {
  pid: number;
  port: number;
  dataDir: string;
  /** As the environment had them when it was started. */
  libraries: Record<string, string>;
  exited: Promise<void>;
}

/** `failure` is Postgres' own last word, `reason` what the engine understands of it. */
export class StartFailure extends EngineError {
  readonly failure: string;
  readonly reason: ServerMessageMeaning | undefined;

  constructor(clusterName: string, failure: string) {
    super(503, "COMPUTE_START_FAILED", `Postgres of ${clusterName} did not start: ${failure}`);
    this.failure = failure;
    this.reason = serverMessageMeaning(failure);
  }
}

const maxLogBytes = 8 * 1024 * 1024;
const startTimeoutMs = 10 * 60_000;

/** Starts Postgres on a data directory and waits until it accepts connections. */
export async function launch(environment: ComputeEnvironment, plan: ComputePlan): Promise<Running> {
  for (let attempt = 1; ; attempt++) {
    const running = await launchOnce(environment, plan, await findEphemeralPort());
    if ("pid" in running) return running;
    const failure = new StartFailure(plan.clusterName, running.failure);
    if (attempt < 5 && failure.reason === "PORT_TAKEN") continue;
    throw failure;
  }
}

async function launchOnce(
  environment: ComputeEnvironment,
  plan: ComputePlan,
  port: number,
): Promise<Running | { failure: string }> {
  const libraries = await environment.libraries();
  const log = openLog(plan.logFile);
  const logStart = statSync(plan.logFile).size;
  const settings = { ...libraries, ...plan.settings };
  const child = spawnPostgres(environment, { ...plan, settings }, { port, log });
  closeSync(log);
  let ended = false;
  let spawnFailure: string | undefined;
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => {
      ended = true;
      resolve();
    });
    child.once("error", (error) => {
      spawnFailure = error.message;
      ended = true;
      resolve();
    });
  });
  const deadline = Date.now() + startTimeoutMs;
  while (!ended && child.pid !== undefined) {
    if (postmasterReady(plan.dataDir, child.pid)) {
      child.unref();
      return { pid: child.pid, port, dataDir: plan.dataDir, libraries, exited };
    }
    if (Date.now() > deadline) {
      await stopPostmaster(child.pid, 1000);
      return { failure: `it was not ready within ${startTimeoutMs / 60_000} minutes` };
    }
    await sleep(3);
  }
  await exited;
  return { failure: spawnFailure ?? complaintIn(plan.logFile, logStart) };
}

function spawnPostgres(
  { binaries, user, certificate }: ComputeEnvironment,
  plan: ComputePlan,
  { port, log }: { port: number; log: number },
): ChildProcess {
  const settings: Record<string, string> = {
    port: String(port),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    ssl: "on",
    ssl_cert_file: certificate.certFile,
    ssl_key_file: certificate.keyFile,
    cluster_name: plan.clusterName,
    // Who connects and says nothing takes one of the places that others wait for.
    authentication_timeout: "20s",
    // One flush of the volume before recovery instead of one for each of a thousand files.
    ...(process.platform === "linux" && { recovery_init_sync_method: "syncfs" }),
    ...plan.settings,
  };
  return spawn(
    join(binaries.bin, "postgres"),
    ["-D", plan.dataDir, ...Object.entries(settings).flatMap(([k, v]) => ["-c", `${k}=${v}`])],
    {
      cwd: plan.dataDir,
      env: { LC_ALL: "C", TZ: "UTC" },
      stdio: ["ignore", log, log],
      // A process group of its own: Ctrl-C at a terminal is for the engine, which stops it in order.
      detached: true,
      ...user,
    },
  );
}

function openLog(path: string): number {
  const file = openSync(path, "a", 0o600);
  limitLog(path);
  return file;
}

/** Also while a server writes to it: what it appends goes to the new end. */
export function limitLog(path: string): void {
  const { size = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
  if (size > maxLogBytes) truncateSync(path, 0);
}

/** Why Postgres ended, by what it has written since `from` bytes into its log. */
function complaintIn(path: string, from: number): string {
  const log = readFileSync(path).subarray(from).toString("utf8");
  return lastComplaint(log) ?? `see ${path}`;
}

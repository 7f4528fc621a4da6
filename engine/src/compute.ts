import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { asAdmin } from "./admin.ts";
import type { Binaries } from "./binaries.ts";
import { EngineError } from "./errors.ts";
import type { ComputeState } from "./model.ts";
import { findPassingPort } from "./ports.ts";
import type { PostgresUser } from "./postgres-user.ts";
import { findPostmaster, postmasterReady, stopPostmaster } from "./processes.ts";
import { Mutex, ReadWriteLock } from "./rw-lock.ts";
import type { Certificate } from "./tls.ts";

/** What all computes of an engine have in common. */
export interface ComputeEnvironment {
  binaries: Binaries;
  user: PostgresUser | undefined;
  certificate: Certificate;
  adminPassword: string;
}

/** What one compute runs on; read anew at every start, because a restore changes it. */
export interface ComputePlan {
  dataDir: string;
  logFile: string;
  clusterName: string;
  /** Settings for the command line, e.g. `neon.branch_id`. */
  settings: Record<string, string>;
}

interface Running {
  pid: number;
  port: number;
  dataDir: string;
  exited: Promise<void>;
}

const maxLogBytes = 8 * 1024 * 1024;
const startTimeoutMs = 10 * 60_000;
/** A log-in with TLS and SCRAM takes some 15 ms; a busy machine needs more. */
const logInMs = 150;

/**
 * The Postgres of one branch. Starting and stopping exclude each other and every copy of the data;
 * copies may go on side by side with connections, but only one may hold the server still at a time.
 */
export class Compute {
  readonly #environment: ComputeEnvironment;
  readonly #plan: () => ComputePlan;
  /** Runs after every start, before the first client gets through. */
  readonly #afterStart: (compute: { port: number; password: string }) => Promise<void>;
  readonly #lock = new ReadWriteLock();
  readonly #copying = new Mutex();
  #running: Running | undefined;
  #since: Omit<ComputeState, "state"> = {};
  #starting = false;
  #retired = false;
  #handedOutAt = 0;

  constructor(
    environment: ComputeEnvironment,
    plan: () => ComputePlan,
    afterStart: (compute: { port: number; password: string }) => Promise<void>,
  ) {
    this.#environment = environment;
    this.#plan = plan;
    this.#afterStart = afterStart;
  }

  get state(): ComputeState {
    const state = this.#starting ? "init" : this.#running ? "active" : "idle";
    return { state, ...this.#since };
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  touch(): void {
    this.#since.lastActive = new Date().toISOString();
  }

  /** Starts Postgres unless it runs, and returns the port it listens on (127.0.0.1). */
  async ensureRunning(): Promise<number> {
    const running =
      this.#running ?? (await this.#lock.exclusive(async () => this.#running ?? this.#start()));
    this.#handedOutAt = Date.now();
    return running.port;
  }

  async stop(): Promise<void> {
    await this.#lock.exclusive(() => this.#stop());
  }

  /** Stops for good: its data is about to go, or the engine is. */
  async retire(): Promise<void> {
    this.#retired = true;
    await this.stop();
  }

  /** Stops Postgres, runs `work`, and lets connections wait meanwhile; they start it again. */
  async whileStopped<T>(work: () => Promise<T>): Promise<T> {
    return this.#lock.exclusive(async () => {
      await this.#stop();
      return work();
    });
  }

  /** Runs `work` while nothing starts or stops; it is told the running server, if there is one. */
  async holdSteady<T>(
    work: (running: { pid: number; port: number } | undefined) => Promise<T>,
  ): Promise<T> {
    return this.#lock.shared(() => work(this.#running));
  }

  /**
   * One at a time: whoever thaws first would thaw the server under the other's copy, and backups
   * need a replication slot each, of which a server has ten.
   */
  oneCopyAtATime<T>(work: () => Promise<T>): Promise<T> {
    return this.#copying.run(work);
  }

  /** Runs SQL as the superuser, starting Postgres when it sleeps. */
  async admin<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const port = await this.ensureRunning();
    return asAdmin({ port, password: this.#environment.adminPassword }, database, work);
  }

  async #start(): Promise<Running> {
    if (this.#retired)
      throw new EngineError(404, "", "the branch is being removed, or the engine stops");
    this.#starting = true;
    try {
      const plan = this.#plan();
      const leftOver = await findPostmaster(plan.dataDir);
      if (leftOver !== undefined) await stopPostmaster(leftOver);
      const running = await this.#launch(plan);
      try {
        await this.#afterStart({ port: running.port, password: this.#environment.adminPassword });
      } catch (error) {
        await stopPostmaster(running.pid);
        throw error;
      }
      this.#running = running;
      this.#since.startedAt = new Date().toISOString();
      this.touch();
      delete this.#since.suspendedAt;
      void running.exited.then(() => {
        if (this.#running === running) this.#running = undefined;
      });
      return running;
    } finally {
      this.#starting = false;
    }
  }

  async #launch(plan: ComputePlan): Promise<Running> {
    for (let attempt = 1; ; attempt++) {
      const running = await launchOnce(this.#environment, plan, await findPassingPort());
      if ("pid" in running) return running;
      if (attempt < 5 && running.failure.includes("could not create any TCP/IP sockets")) continue;
      throw new EngineError(
        503,
        "COMPUTE_START_FAILED",
        `Postgres of ${plan.clusterName} did not start: ${running.failure}`,
      );
    }
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    // From here on new connections wait for the lock; those just handed over get time to log in,
    // because a server that shuts down refuses them.
    this.#running = undefined;
    await sleep(Math.max(0, this.#handedOutAt + logInMs - Date.now()));
    await stopPostmaster(running.pid);
    await running.exited;
    this.#since.suspendedAt = new Date().toISOString();
  }
}

async function launchOnce(
  { binaries, user, certificate }: ComputeEnvironment,
  plan: ComputePlan,
  port: number,
): Promise<Running | { failure: string }> {
  const settings: Record<string, string> = {
    port: String(port),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    ssl: "on",
    ssl_cert_file: certificate.certFile,
    ssl_key_file: certificate.keyFile,
    cluster_name: plan.clusterName,
    ...plan.settings,
  };
  const log = openLog(plan.logFile);
  const logStart = statSync(plan.logFile).size;
  const child = spawn(
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
      return { pid: child.pid, port, dataDir: plan.dataDir, exited };
    }
    if (Date.now() > deadline) {
      await stopPostmaster(child.pid, 1000);
      return { failure: `it was not ready within ${startTimeoutMs / 60_000} minutes` };
    }
    await sleep(3);
  }
  await exited;
  return { failure: spawnFailure ?? lastComplaint(plan.logFile, logStart) };
}

function openLog(path: string): number {
  const file = openSync(path, "a", 0o600);
  if (statSync(path).size > maxLogBytes) truncateSync(path, 0);
  return file;
}

/** The last thing that Postgres called FATAL, PANIC or ERROR since `from` bytes into its log. */
function lastComplaint(path: string, from: number): string {
  const lines = readFileSync(path).subarray(from).toString("utf8").split("\n");
  const complaint = lines.findLast((line) => /\b(FATAL|PANIC|ERROR):/.test(line));
  return complaint?.replace(/^.*?(FATAL|PANIC|ERROR):\s*/, "") ?? `see ${path}`;
}

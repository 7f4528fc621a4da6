import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { EngineError } from "../../lib/engine-error.ts";
import { Mutex, ReadWriteLock } from "../../lib/rw-lock.ts";
import type { ComputeState } from "../../model/records.ts";
import { isTimeout } from "../connection-errors.ts";
import { asAdmin } from "./admin.ts";
import {
  type ComputeEnvironment,
  type ComputePlan,
  launch,
  type Running,
  StartFailure,
} from "./launch.ts";
import { dumpSchema } from "./pg-dump.ts";
import { findPostmaster, stopPostmaster } from "./processes.ts";

/** A log-in with TLS and SCRAM takes some 15 ms; a busy machine needs more. */
const logInMs = 150;
/** Then the stop goes on without waiting: somebody may have connected and never say who they are. */
const longestLogInMs = 2000;
const mostLaunches = 3;
const longestOrphansMs = 15_000;
const silenceMs = 60_000;

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
  #sessions = 0;
  #adminWork = 0;
  #silentSince = Number.NEGATIVE_INFINITY;

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

  /** Counts a client's connection to Postgres, from the hand-over of the port until it is called back. */
  sessionBegins(): () => void {
    let isOpen = true;
    this.#sessions += 1;
    return () => {
      if (isOpen) this.#sessions -= 1;
      isOpen = false;
    };
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

  /** Stops unless somebody has come meanwhile: a copy that is being made may hold the stop up. */
  async stopIf(isIdle: () => boolean): Promise<void> {
    await this.#lock.exclusive(async () => {
      if (this.#adminWork === 0 && isIdle()) await this.#stop();
    });
  }

  /** Something is being copied, started or stopped. */
  get isHeld(): boolean {
    return this.#lock.isHeld;
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
  async admin<T>(
    database: string,
    work: (client: pg.Client) => Promise<T>,
    answerWithinMs?: number,
  ): Promise<T> {
    const { adminPassword: password } = this.#environment;
    this.#adminWork += 1;
    try {
      const port = await this.ensureRunning();
      return await asAdmin({ port, password }, database, work, answerWithinMs);
    } catch (error) {
      if (answerWithinMs !== undefined && isTimeout(error)) this.#silentSince = Date.now();
      throw error;
    } finally {
      this.#adminWork -= 1;
    }
  }

  /** It has let a question of the engine's rounds wait: for a while the rounds go by without it. */
  get isSilent(): boolean {
    return Date.now() - this.#silentSince < silenceMs;
  }

  /** The schema of a database as SQL; Postgres is started when it sleeps, and not stopped meanwhile. */
  async dumpSchema(database: string): Promise<string> {
    const { adminPassword: password } = this.#environment;
    for (;;) {
      await this.ensureRunning();
      this.touch();
      const text = await this.holdSteady(
        async (running) => running && dumpSchema({ port: running.port, password }, database),
      );
      if (text !== undefined) return text;
    }
  }

  async #start(): Promise<Running> {
    if (this.#retired)
      throw new EngineError(
        404,
        "COMPUTE_RETIRED",
        "the branch is being removed, or the engine stops",
      );
    this.#starting = true;
    try {
      const plan = this.#plan();
      const running = await this.#launchAlone(plan);
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

  async #launchAlone(plan: ComputePlan): Promise<Running> {
    const deadline = Date.now() + longestOrphansMs;
    for (let attempt = 1; ; attempt += 1) {
      const leftOver = await findPostmaster(plan.dataDir);
      if (leftOver !== undefined) await stopPostmaster(leftOver);
      try {
        return await launch(this.#environment, plan);
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

  /** Every connection has its session: none is in the middle of logging in (PostgreSQL 18 tells). */
  async #untilLoggedIn({ port }: Running): Promise<void> {
    const deadline = Date.now() + longestLogInMs;
    const address = { port, password: this.#environment.adminPassword };
    const sessions = async () =>
      asAdmin(
        address,
        "postgres",
        async (client) => {
          const { rows } = await client.query<{ count: number }>(
            `select count(*)::int from pg_stat_activity
             where backend_type in ('client backend', 'walsender')
               and pid <> pg_backend_pid() and state is distinct from 'starting'`,
          );
          return rows[0]?.count ?? 0;
        },
        longestLogInMs,
      ).catch(() => Number.POSITIVE_INFINITY);
    while (this.#sessions > 0 && Date.now() < deadline) {
      if ((await sessions()) >= this.#sessions) return;
      await sleep(10);
    }
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    // From here on new connections wait for the lock; those just handed over get time to log in,
    // because a server that shuts down refuses them.
    this.#running = undefined;
    await sleep(Math.max(0, this.#handedOutAt + logInMs - Date.now()));
    await this.#untilLoggedIn(running);
    await stopPostmaster(running.pid);
    await running.exited;
    this.#since.suspendedAt = new Date().toISOString();
  }
}

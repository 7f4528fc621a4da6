import type pg from "pg";
import { EngineError } from "../../lib/engine-error.ts";
import { Mutex, ReadWriteLock } from "../../lib/rw-lock.ts";
import type { ComputeState } from "../../model/records.ts";
import { isTimeout } from "../connection-errors.ts";
import { type AdminAddress, asAdmin } from "./admin.ts";
import { ClientSessions, readLoggedInPorts } from "./client-sessions.ts";
import type { ComputeEnvironment, ComputePlan, Running } from "./launch.ts";
import { launchAlone } from "./launch-alone.ts";
import { dumpSchema } from "./pg-dump.ts";
import { dumpWithProgram } from "./pg-dump-program.ts";
import { stopPostmaster } from "./processes.ts";

/** For clients that wait for each other's log-in. */
const portsAnswerMs = 5_000;

/** How long the engine's rounds go by without a server that let them wait. */
const silenceMs = 60_000;

interface ComputeParts {
  environment: () => ComputeEnvironment;
  adminPassword: string;
  plan: () => ComputePlan | Promise<ComputePlan>;
  afterStart: (address: AdminAddress) => Promise<boolean>;
  /** Whether a start that has failed is worth another one. */
  mend?: (error: Error) => Promise<boolean>;
  /** When it was last used, as far as that was written down. */
  lastActive?: string | undefined;
}

/**
 * The Postgres of one branch. Starting and stopping exclude each other and every copy of the data;
 * copies may go on side by side with connections, but only one may hold the server still at a time.
 */
export class Compute {
  readonly #environment: () => ComputeEnvironment;
  readonly #adminPassword: string;
  readonly #plan: ComputeParts["plan"];
  readonly #mend: ComputeParts["mend"];
  /** Runs after every start, before the first client gets through; true: it has to be started again. */
  readonly #afterStart: (address: AdminAddress) => Promise<boolean>;
  readonly #lock = new ReadWriteLock();
  readonly #copying = new Mutex();
  readonly #sessions = new ClientSessions();
  #running: Running | undefined;
  #since: Omit<ComputeState, "state">;
  #starting = false;
  #retired = false;
  #adminWork = 0;
  #silentSince = Number.NEGATIVE_INFINITY;

  constructor({ environment, adminPassword, plan, afterStart, mend, lastActive }: ComputeParts) {
    this.#since = lastActive === undefined ? {} : { lastActive };
    this.#environment = environment;
    this.#adminPassword = adminPassword;
    this.#plan = plan;
    this.#mend = mend;
    this.#afterStart = afterStart;
  }

  /** Throws where its version of Postgres is not there any more. */
  get environment(): ComputeEnvironment {
    return this.#environment();
  }

  get state(): ComputeState {
    const state = this.#starting ? "init" : this.#running ? "active" : "idle";
    return { state, ...this.#since };
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** It runs, and was started before extensions were added or removed. */
  runsWithout(libraries: Record<string, string>): boolean {
    return (
      this.#running !== undefined &&
      JSON.stringify(this.#running.libraries) !== JSON.stringify(libraries)
    );
  }

  touch(): void {
    this.#since.lastActive = new Date().toISOString();
  }

  /** Counts a client's connection to Postgres, from the hand-over of the port until it is called back. */
  sessionBegins(): () => void {
    return this.#sessions.begin();
  }

  /** The ports from which clients come that have logged in. */
  async loggedInPorts(): Promise<ReadonlySet<number>> {
    const ports = await this.adminIfRunning("postgres", readLoggedInPorts, portsAnswerMs);
    return ports ?? new Set();
  }

  /** Starts Postgres unless it runs, and returns the port it listens on (127.0.0.1). */
  async ensureRunning(): Promise<number> {
    const running =
      this.#running ?? (await this.#lock.exclusive(async () => this.#running ?? this.#start()));
    this.#sessions.handedOut();
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
  async admin<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    return this.#asAdmin(() => this.ensureRunning(), database, work);
  }

  /** The same for the engine's rounds: starts nothing, waits for no longer; undefined where it sleeps. */
  async adminIfRunning<T>(
    database: string,
    work: (client: pg.Client) => Promise<T>,
    answerWithinMs: number,
  ): Promise<T | undefined> {
    const running = this.#running;
    if (!running) return undefined;
    try {
      return await this.#asAdmin(async () => running.port, database, work, answerWithinMs);
    } catch (error) {
      if (isTimeout(error)) this.#silentSince = Date.now();
      throw error;
    }
  }

  async #asAdmin<T>(
    portOf: () => Promise<number>,
    database: string,
    work: (client: pg.Client) => Promise<T>,
    answerWithinMs?: number,
  ): Promise<T> {
    this.#adminWork += 1;
    try {
      const port = await portOf();
      return await asAdmin(this.#addressOf({ port }), database, work, answerWithinMs);
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
    for (;;) {
      await this.ensureRunning();
      this.touch();
      const text = await this.holdSteady(
        async (running) => running && this.#dump(this.#addressOf(running), database),
      );
      if (text !== undefined) return text;
    }
  }

  /** By the program of the server's own version; of the engine's own, the one that it brings. */
  #dump(address: AdminAddress, database: string): Promise<string> {
    const { dumpProgram, user } = this.environment;
    if (dumpProgram === undefined) return dumpSchema(address, database);
    return dumpWithProgram({ program: dumpProgram, user }, address, database);
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
      const running = await this.#launch();
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

  async #launch(): Promise<Running> {
    for (;;) {
      const plan = await this.#plan();
      let running: Running;
      try {
        running = await launchAlone(this.environment, plan);
      } catch (error) {
        if (await this.#mend?.(error as Error)) continue;
        throw error;
      }
      try {
        if (!(await this.#afterStart(this.#addressOf(running)))) return running;
      } catch (error) {
        await stopPostmaster(running.pid);
        throw error;
      }
      await stopPostmaster(running.pid);
      await running.exited;
    }
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    // From here on new connections wait for the lock; those just handed over get time to log in.
    this.#running = undefined;
    await this.#sessions.untilLoggedIn(this.#addressOf(running));
    await stopPostmaster(running.pid);
    await running.exited;
    this.#since.suspendedAt = new Date().toISOString();
  }

  #addressOf({ port }: { port: number }): AdminAddress {
    return { port, password: this.#adminPassword };
  }
}

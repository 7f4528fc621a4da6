import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import manifest from "../package.json" with { type: "json" };
import { DrainGate } from "./api/io/drain-gate.ts";
import { createServer, type Listening, listen } from "./api/io/server.ts";
import type { EngineStatus } from "./control-plane/api.ts";
import { checkSettings } from "./control-plane/io/check-settings.ts";
import { ComputePool } from "./control-plane/io/compute-pool.ts";
import { type LocalControlPlane, openControlPlane } from "./control-plane/io/control-plane.ts";
import { errnoOf, exists, removeFile, writeFileAtomic } from "./lib/io/files.ts";
import { findRememberedPort } from "./lib/io/ports.ts";
import { withDeadline } from "./lib/io/with-deadline.ts";
import { StartError } from "./lib/start-error.ts";
import { discardUnreferenced, stopLeftovers } from "./lifecycle/io/crash-recovery.ts";
import {
  type EngineAddress,
  findRunning,
  type RunningEngine,
} from "./lifecycle/io/running-engine.ts";
import { describeClone, describeDisk } from "./lifecycle/io/status.ts";
import type { CloneMethod } from "./model/clone-method.ts";
import { BaseBackups } from "./pitr/io/base-backups.ts";
import { PointInTimeRecovery } from "./pitr/io/point-in-time-recovery.ts";
import type { HistoryLimits } from "./pitr/retention.ts";
import { findBinaries } from "./postgres/io/binaries.ts";
import { ensureCertificate } from "./postgres/io/certificate.ts";
import { choosePostgresUser } from "./postgres/io/os-user.ts";
import { ensureTemplate } from "./postgres/io/template-cluster.ts";
import { WebSocketGateway } from "./serverless/io/websocket.ts";
import { Home } from "./storage/home.ts";
import { Catalog } from "./storage/io/catalog.ts";
import { Cloner, detectCloneMethod } from "./storage/io/clone.ts";
import { BranchData } from "./storage/io/data-directories.ts";
import { prepareHome } from "./storage/io/prepare-home.ts";
import {
  claimSettings,
  ensureSecret,
  type Settings,
  writeSettings,
} from "./storage/io/settings.ts";
import { ensureMounted } from "./storage/io/volume.ts";

export interface EngineOptions {
  /** The directory that holds everything; made when it is not there. */
  home: string;
  /** Of the API, on 127.0.0.1. Default: the one of last time, at first any that is free. */
  port?: number;
  log?: (line: string) => void;
  /** When bases for time travel are taken and dropped. */
  history?: Partial<HistoryLimits>;
  /** Default: what the volume can. Reflinks where it cannot do them make every copy fail. */
  cloneMethod?: CloneMethod;
}

/**
 * Starts the engine of a home, or finds the one that runs. The API's port is the lock: it is
 * remembered in the home and only one process can listen on it, so two starts at once cannot both
 * succeed, and the system releases it whatever way the engine ends.
 */
export async function startEngine(options: EngineOptions): Promise<RunningEngine> {
  const log = options.log ?? (() => {});
  const home = new Home(options.home);
  const user = await choosePostgresUser(home.pgdata);
  await prepareHome(home, user);
  const settings = await claimSettings(home, options.port);
  const running = await findRunning(home, settings);
  if (running) return running;
  await ensureMounted(home, settings);
  // A volume that was just mounted brings its own directories; a new one has none.
  await prepareHome(home, user);

  const apiKey = await ensureSecret(home.apiKeyFile, "ds_");
  const port = options.port || settings.port || (await findRememberedPort(new Set()));
  let opened: { engine: OpenEngine } | undefined;
  let fail: (error: unknown) => void = () => {};
  let ready: (controlPlane: LocalControlPlane) => void = () => {};
  const controlPlane = new Promise<LocalControlPlane>((resolve, reject) => {
    ready = resolve;
    fail = reject;
  });
  controlPlane.catch(() => {});
  let requestStop = () => {};
  const app = createServer(controlPlane, {
    apiKey,
    version: manifest.version,
    log,
    stop: () => requestStop(),
  });
  const gate = new DrainGate(settings.homeId);
  let server: Listening;
  try {
    const webSockets = new WebSocketGateway(controlPlane);
    server = await listen({ fetch: gate.before(app.fetch) }, { port, webSockets });
  } catch (error) {
    const other = await findRunning(home, { ...settings, port });
    if (other) return other;
    throw portTaken(port, error);
  }
  try {
    const detected = await detectCloneMethod(home.data);
    const method = options.cloneMethod ?? detected ?? settings.cloneMethod ?? "copy";
    const next = { ...settings, port, ...(detected && { cloneMethod: detected }) };
    // A full disk must not keep anybody from deleting branches.
    const isNew = next.port !== settings.port || next.cloneMethod !== settings.cloneMethod;
    if (isNew) await writeSettings(home, next);
    const url = `http://127.0.0.1:${port}/api/v2`;
    opened = {
      engine: await openEngine(
        home,
        settings,
        user,
        url,
        method,
        server.adopt,
        log,
        options.history,
      ),
    };
    ready(opened.engine.controlPlane);
    const address: EngineAddress = {
      pid: process.pid,
      url,
      version: manifest.version,
      startedAt: opened.engine.startedAt,
      homeId: settings.homeId,
    };
    await writeFileAtomic(home.engineFile, `${JSON.stringify(address, null, 2)}\n`, 0o644);
    log(`engine ${manifest.version} answers at ${url}`);
    const stop = once(async () => {
      log("stopping");
      await gate.close();
      await opened?.engine.close();
      // The port goes last: until then no other engine can touch this home.
      await removeFile(home.engineFile).catch(() => {});
      await server.close(0);
      log("stopped");
    });
    const stopped = new Promise<void>((resolve, reject) => {
      requestStop = () => void stop().then(resolve, reject);
      opened?.engine.onHomeGone(requestStop);
    });
    return {
      url,
      pid: process.pid,
      stop: async () => {
        requestStop();
        await stopped;
      },
      stopped,
    };
  } catch (error) {
    fail(error);
    await server.close(0);
    throw error;
  }
}

interface OpenEngine {
  controlPlane: LocalControlPlane;
  startedAt: string;
  onHomeGone(callback: () => void): void;
  close(): Promise<void>;
}

/** Brings the home from whatever state the last engine left it in to one that can be served. */
async function openEngine(
  home: Home,
  settings: Settings,
  user: Awaited<ReturnType<typeof choosePostgresUser>>,
  url: string,
  method: CloneMethod,
  onHttp: Listening["adopt"],
  log: (line: string) => void,
  history: Partial<HistoryLimits> | undefined,
): Promise<OpenEngine> {
  const startedAt = new Date().toISOString();
  const [binaries, certificate, adminPassword] = await Promise.all([
    findBinaries(home.binaries),
    ensureCertificate(home.tls, user),
    ensureSecret(home.adminPasswordFile),
  ]);
  const catalog = new Catalog(home.catalog);
  await catalog.load();
  await stopLeftovers(home, log);
  const cloner = new Cloner(method, user);
  const data = new BranchData(home, cloner, user, adminPassword);
  catalog.onBroken = () => data.keepAll();
  const missing = await discardUnreferenced(home, catalog, data, log);

  const environment = { binaries, user, certificate, adminPassword };
  // Made once, however many ask for it at the same time; tried again when it fails.
  let made: Promise<string> | undefined;
  const template = () => {
    made ??= ensureTemplate(home.templates, binaries, user, adminPassword).catch((error) => {
      made = undefined;
      throw error;
    });
    return made;
  };
  const computes = new ComputePool(catalog, data, environment, home.logs, onHttp);
  computes.addMissing();
  await computes.openAll();
  for (const problem of [...computes.problems.values(), ...missing]) log(problem);

  const timeTravel = new PointInTimeRecovery(
    data,
    new BaseBackups(home),
    environment,
    join(home.logs, "history.log"),
    history,
  );
  const controlPlane = openControlPlane({
    timeTravel,
    log,
    homeId: settings.homeId,
    catalog,
    data,
    computes,
    template,
    checkSettings: (settings) =>
      checkSettings(
        { data, environment, template, logFile: join(home.logs, "check.log") },
        settings,
      ),
    postgresMajor: binaries.major,
    describe: async (): Promise<EngineStatus> => ({
      version: manifest.version,
      pid: process.pid,
      home: home.path,
      url,
      startedAt,
      projects: catalog.projects.size,
      branches: catalog.branches.size,
      computesRunning: computes.running,
      clone: describeClone(method),
      disk: await describeDisk(home, settings),
      postgres: { version: binaries.version, bin: binaries.bin },
      problems: [...computes.problems.values(), ...missing],
    }),
  });

  let homeGone = () => {};
  const tend = async () => {
    if (!(await exists(home.engineFile))) return homeGone();
    // What fails for one of them says nothing about the others.
    for (const [what, work] of [
      ["the computes", () => computes.tend()],
      ["branches that expire", () => controlPlane.deleteExpired()],
      ["snapshots", () => controlPlane.snapshots.runMaintenance()],
      ["histories", () => controlPlane.maintainBaseBackups()],
    ] as const) {
      await work().catch((error: Error) => log(`looking after ${what} failed: ${error.message}`));
    }
  };
  const stopTending = repeat(tend, () => computes.tendIntervalMs);

  return {
    controlPlane,
    startedAt,
    onHomeGone: (callback) => {
      homeGone = callback;
    },
    close: async () => {
      // What is under way may wait for a server that stands still.
      await withDeadline(settleMs, Promise.all([stopTending(), controlPlane.settled()]));
      await withDeadline(stopMs, computes.stopAll());
      await cloner.close();
      await data.settled();
    },
  };
}

/** For bases that are being taken; nothing is lost without them. */
const settleMs = 15_000;
/** Longer than the longest stop of a server takes. What still runs then is stopped by the next start. */
const stopMs = 45_000;

function portTaken(port: number, error: unknown): Error {
  if (errnoOf(error) !== "EADDRINUSE" && errnoOf(error) !== "EACCES") return error as Error;
  return new StartError(
    "CONFLICT",
    errnoOf(error) === "EACCES"
      ? `The engine may not listen on port ${port}.`
      : `Port ${port}, where the engine listens, is in use by another program.`,
    "Free the port, or choose another one: ds engine start --port 24000",
  );
}

/** A pause that is made shorter while it lasts is over this soon. */
const longestNapMs = 1000;

/** Runs `work` again and again, never twice at once; the returned function ends that. */
function repeat(work: () => Promise<void>, pauseMs: () => number): () => Promise<void> {
  const ended = new AbortController();
  const running = (async () => {
    while (!ended.signal.aborted) {
      const began = performance.now();
      for (;;) {
        const left = pauseMs() - (performance.now() - began);
        if (left <= 0 || ended.signal.aborted) break;
        const nap = Math.min(left, longestNapMs);
        await sleep(nap, undefined, { signal: ended.signal }).catch(() => {});
      }
      if (!ended.signal.aborted) await work();
    }
  })();
  return () => {
    ended.abort();
    return running;
  };
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}

import { readdir, rename, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import manifest from "../package.json" with { type: "json" };
import { findBinaries } from "./binaries.ts";
import { BranchData } from "./branch-data.ts";
import { Catalog } from "./catalog.ts";
import { type CloneMethod, Cloner, detectCloneMethod } from "./clone.ts";
import { Computes } from "./computes.ts";
import { type LocalControlPlane, openControlPlane } from "./control-plane.ts";
import type { EngineStatus } from "./control-plane-api.ts";
import { errnoOf, isMissing, readJson, removeFile, writeFileAtomic } from "./files.ts";
import { Gate } from "./gate.ts";
import { History, type HistoryLimits } from "./history.ts";
import { Home, prepareHome } from "./home.ts";
import { findRememberedPort } from "./ports.ts";
import { choosePostgresUser } from "./postgres-user.ts";
import { findPostmaster, stopPostmaster } from "./processes.ts";
import { createServer, type Listening, listen } from "./server.ts";
import { WebSocketGateway } from "./serverless-websocket.ts";
import {
  claimSettings,
  ensureSecret,
  readSettings,
  type Settings,
  writeSettings,
} from "./settings.ts";
import { checkSettings } from "./settings-check.ts";
import { StartError } from "./start-error.ts";
import { ensureTemplate } from "./template.ts";
import { TimeTravel } from "./time-travel.ts";
import { ensureCertificate } from "./tls.ts";
import { ensureMounted } from "./volume.ts";

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

export interface RunningEngine {
  url: string;
  pid: number;
  /** Undefined when the engine that runs is another process. */
  stop?: () => Promise<void>;
  /** Resolves when the engine has stopped, for whatever reason. */
  stopped?: Promise<void>;
}

/** What engine.json holds. */
export interface EngineAddress {
  pid: number;
  url: string;
  version: string;
  startedAt: string;
  homeId: string;
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
  const gate = new Gate(settings.homeId);
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
    await writeSettings(home, { ...settings, port });
    const url = `http://127.0.0.1:${port}/api/v2`;
    const method = options.cloneMethod ?? (await detectCloneMethod(home.data));
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
  const template = () => ensureTemplate(home.templates, binaries, user, adminPassword);
  const computes = new Computes(catalog, data, environment, home.logs, onHttp);
  computes.addMissing();
  await computes.openAll();
  for (const problem of [...computes.problems.values(), ...missing]) log(problem);

  const timeTravel = new TimeTravel(
    data,
    new History(home),
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
    await computes.tend();
    await controlPlane.deleteExpired();
    await controlPlane.snapshots.tend();
    await controlPlane.tendHistories();
  };
  const stopTending = repeat(
    tend,
    () => computes.tendIntervalMs,
    (error) => log(`looking after the computes failed: ${error.message}`),
  );

  return {
    controlPlane,
    startedAt,
    onHomeGone: (callback) => {
      homeGone = callback;
    },
    close: async () => {
      await stopTending();
      await controlPlane.settled();
      await computes.stopAll();
      await cloner.close();
      await data.settled();
    },
  };
}

/** An engine that was killed leaves its Postgres processes behind; its data is theirs until they end. */
async function stopLeftovers(home: Home, log: (line: string) => void): Promise<void> {
  const directories = await readdir(home.pgdata);
  await Promise.all(
    directories.map(async (name) => {
      const pid = await findPostmaster(join(home.pgdata, name));
      if (pid === undefined) return;
      log(`stopping Postgres ${pid}, left behind by an engine that was killed`);
      await stopPostmaster(pid);
    }),
  );
}

/** Copies that never became a branch go; branches whose data is missing are reported. */
async function discardUnreferenced(
  home: Home,
  catalog: Catalog,
  data: BranchData,
  log: (line: string) => void,
): Promise<string[]> {
  const branches = [...catalog.branches.values()];
  const holders = [...branches, ...catalog.snapshots.values()];
  const referenced = new Set(holders.map(({ dataDir }) => dataDir));
  const present = await readdir(home.pgdata);
  for (const name of present) {
    if (referenced.has(name)) continue;
    log(`discarding ${name}: no branch or snapshot refers to it`);
    await data.discard(name);
  }
  for (const name of await readdir(home.history)) {
    if (!referenced.has(name))
      await rename(join(home.history, name), join(home.trash, `${name}.history`));
  }
  for (const name of await readdir(home.templates)) {
    if (name.endsWith(".tmp")) await rename(join(home.templates, name), join(home.trash, name));
  }
  for (const name of await readdir(home.binaries)) {
    if (name.endsWith(".tmp"))
      await rm(join(home.binaries, name), { recursive: true, force: true });
  }
  data.emptyTrash();
  return holders
    .filter(({ dataDir }) => !present.includes(dataDir))
    .map(
      ({ name, id, dataDir }) => `the data of ${name} (${id}) is missing: ${data.path(dataDir)}`,
    );
}

/** The engine that serves this home now, if one does. */
export async function findRunningEngine(home: Home): Promise<RunningEngine | undefined> {
  return findRunning(home, await readSettings(home));
}

async function findRunning(home: Home, settings: Settings): Promise<RunningEngine | undefined> {
  const address = await readJson<EngineAddress>(home.engineFile).catch(() => undefined);
  const urls = new Set<string>();
  if (address) urls.add(address.url);
  if (settings.port) urls.add(`http://127.0.0.1:${settings.port}/api/v2`);
  for (const url of urls) {
    const address = new URL("/health", url);
    let health = await ask(address);
    while (health?.stopping === settings.homeId) {
      await sleep(50);
      health = await ask(address);
    }
    if (health?.homeId === settings.homeId) return { url, pid: health.pid };
  }
  return undefined;
}

interface Health {
  homeId?: string;
  /** The home of an engine that is about to end. */
  stopping?: string;
  pid: number;
}

async function ask(url: URL): Promise<Health | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(60_000) });
    return (await answer.json()) as Health;
  } catch {
    return undefined;
  }
}

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

function describeClone(method: Cloner["method"]): EngineStatus["clone"] {
  if (method === "reflink") return { method };
  return {
    method,
    reason: "the file system that holds the branches cannot share blocks between files",
    advice:
      process.platform === "linux"
        ? '"ds engine volume create" makes a volume that can (needs root once); or set DS_HOME to a directory on XFS or Btrfs'
        : "set DS_HOME to a directory on a file system that can, such as APFS",
  };
}

async function describeDisk(home: Home, settings: Settings): Promise<EngineStatus["disk"]> {
  const { blocks, bfree, bavail, bsize } = await statfs(home.data);
  const usedBytes = settings.volume ? (blocks - bfree) * bsize : await allocatedBytes(home.data);
  return { usedBytes, freeBytes: bavail * bsize, volume: settings.volume ? "image" : "directory" };
}

async function allocatedBytes(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true }).catch(() => [])) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) bytes += await allocatedBytes(path);
    else
      bytes += await stat(path).then(
        ({ blocks }) => blocks * 512,
        () => 0,
      );
  }
  return bytes;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error) => !isMissing(error),
  );
}

/** Runs `work` again and again, never twice at once; the returned function ends that. */
function repeat(
  work: () => Promise<void>,
  pauseMs: () => number,
  onError: (error: Error) => void,
): () => Promise<void> {
  const ended = new AbortController();
  const running = (async () => {
    while (!ended.signal.aborted) {
      await sleep(pauseMs(), undefined, { signal: ended.signal }).catch(() => {});
      if (!ended.signal.aborted) await work().catch(onError);
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

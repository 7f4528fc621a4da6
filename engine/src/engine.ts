import manifest from "../package.json" with { type: "json" };
import { Anonymizer } from "./anonymization/io/anonymizer.ts";
import { anonymizedBranches } from "./anonymization/io/create-anonymized.ts";
import { EngineApi } from "./api/io/engine-api.ts";
import { ComputeMaintenance } from "./control-plane/io/compute-maintenance.ts";
import { openControlPlane } from "./control-plane/io/control-plane.ts";
import { errnoOf, exists, removeFile, writeFileAtomic } from "./lib/io/files.ts";
import { findRememberedPort } from "./lib/io/ports.ts";
import { repeat } from "./lib/io/repeat.ts";
import { withDeadline } from "./lib/io/with-deadline.ts";
import { once } from "./lib/once.ts";
import { StartError } from "./lib/start-error.ts";
import { runMaintenance } from "./lifecycle/io/maintenance.ts";
import { type OpenHome, openHome } from "./lifecycle/io/open-home.ts";
import {
  type EngineAddress,
  findRunning,
  type RunningEngine,
} from "./lifecycle/io/running-engine.ts";
import { diskSizes } from "./lifecycle/io/sizes.ts";
import { engineStatus } from "./lifecycle/io/status.ts";
import type { CloneMethod } from "./model/clone-method.ts";
import type { HistoryLimits } from "./pitr/retention.ts";
import { choosePostgresUser, type PostgresUser } from "./postgres/io/os-user.ts";
import { Home } from "./storage/home.ts";
import { ApiKeys } from "./storage/io/api-keys.ts";
import { detectCloneMethod } from "./storage/io/clone.ts";
import { prepareHome } from "./storage/io/prepare-home.ts";
import { keepReserve, releaseReserve } from "./storage/io/reserve.ts";
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
  /**
   * Where a copy costs its full size, databases of so many bytes and more are copied in the background: the request is
   * answered when it is written down, and its operations tell how it ends. Default: `DS_LONG_COPY`, or 128 MiB.
   */
  longCopyBytes?: number;
}

/** What is known of the engine before its home is open. */
interface Start {
  options: EngineOptions;
  home: Home;
  user: PostgresUser | undefined;
  settings: Settings;
  apiKeys: ApiKeys;
  port: number;
  url: string;
  startedAt: string;
  log: (line: string) => void;
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
  if (await releaseReserve(home)) log("the disk is full: the reserve for this start was given up");
  // A volume that was just mounted brings its own directories; a new one has none.
  await prepareHome(home, user);

  const apiKey = await ensureSecret(
    home.apiKeyFile,
    `Remove it: a new key is made at the next start. What was given the old one has to be given it: ds engine env`,
    "ds_",
  );
  const port = options.port || settings.port || (await findRememberedPort(new Set()));
  const apiKeys = await ApiKeys.open(home);
  const { homeId } = settings;
  const isMadeKey = (key: string, from?: string) => apiKeys.admits(key, from);
  const api = new EngineApi({ apiKey, isMadeKey, version: manifest.version, homeId, log });
  try {
    await api.listen(port);
  } catch (error) {
    const other = await findRunning(home, { ...settings, port });
    if (other) return other;
    throw portTaken(port, error);
  }
  const url = `http://127.0.0.1:${port}/api/v2`;
  const startedAt = new Date().toISOString();
  try {
    return await serve(api, { options, home, user, settings, apiKeys, port, url, startedAt, log });
  } catch (error) {
    api.fail(error);
    await api.close();
    throw error;
  }
}

/** Opens the home behind an API that listens already. */
async function serve(api: EngineApi, start: Start): Promise<RunningEngine> {
  const { home, url, log } = start;
  const engine = await openEngine(api, start);
  const address: EngineAddress = {
    pid: process.pid,
    url,
    version: manifest.version,
    startedAt: start.startedAt,
    homeId: start.settings.homeId,
  };
  await writeFileAtomic(home.engineFile, `${JSON.stringify(address, null, 2)}\n`, 0o644);
  log(`engine ${manifest.version} answers at ${url}`);
  const stop = once(async () => {
    log("stopping");
    await api.drain();
    await engine.close();
    // The port goes last: until then no other engine can touch this home.
    await removeFile(home.engineFile).catch(() => {});
    await api.close();
    log("stopped");
  });
  let requestStop = () => {};
  const stopped = new Promise<void>((resolve, reject) => {
    requestStop = () => void stop().then(resolve, reject);
  });
  api.onStop(requestStop);
  engine.onHomeGone(requestStop);
  return {
    url,
    pid: process.pid,
    setAside: engine.setAside,
    stop: async () => {
      requestStop();
      await stopped;
    },
    stopped,
  };
}

interface OpenEngine {
  setAside: number;
  onHomeGone(callback: () => void): void;
  close(): Promise<void>;
}

async function openEngine(api: EngineApi, start: Start): Promise<OpenEngine> {
  const { home, user, settings, apiKeys, url, startedAt, log } = start;
  const opened = await openHome(home, {
    user,
    cloneMethod: await chooseCloneMethod(start),
    history: start.options.history ?? {},
    longCopyBytes: start.options.longCopyBytes ?? usualLongCopy,
    onHttp: (client) => api.adopt(client),
    log,
  });
  const facts = { home, settings, url, startedAt, version: manifest.version };
  const anonymizer = new Anonymizer(opened.services);
  const controlPlane = openControlPlane(opened.services, {
    homeId: settings.homeId,
    apiKeys,
    anonymized: anonymizedBranches(opened.services, anonymizer),
    status: () => engineStatus(opened, facts),
    diskSizes: () => diskSizes(home, opened.services.catalog, opened.cloner.method),
    removeQuarantined: async (name) => {
      const isRemoved = await opened.quarantine.remove(name);
      opened.services.data.emptyTrash();
      return isRemoved;
    },
  });
  const computeMaintenance = new ComputeMaintenance(opened.services);
  let homeGone = () => {};
  const stopMaintenance = repeat(
    async () => {
      if (!(await exists(home.engineFile))) return homeGone();
      await runMaintenance({ controlPlane, computeMaintenance, opened, log });
    },
    () => computeMaintenance.intervalMs,
  );
  await keepReserve(home);
  api.ready(controlPlane);
  return {
    setAside: opened.setAside,
    onHomeGone: (callback) => {
      homeGone = callback;
    },
    close: async () => {
      // What is under way may wait for a server that stands still.
      const work = [stopMaintenance(), anonymizer.settled(), controlPlane.settled()];
      await withDeadline(settleMs, Promise.all(work));
      // A copy that takes longer than that is not waited for; the next start takes it back.
      controlPlane.abandon();
      await opened.cloner.close();
      await withDeadline(settleMs, controlPlane.settled());
      await withDeadline(stopMs, stopServers(opened));
      await opened.identities.settled();
      await apiKeys.settled();
      await opened.services.data.settled();
    },
  };
}

/** Half a second's work for a disk of today. */
const usualLongCopy = Number(process.env.DS_LONG_COPY ?? 128 * 1024 * 1024);

/** For bases that are being taken; nothing is lost without them. */
const settleMs = 15_000;
/** Longer than the longest stop of a server takes. What still runs then is stopped by the next start. */
const stopMs = 45_000;

async function stopServers({ services }: OpenHome): Promise<void> {
  const { listeners, computes, contents, catalog } = services;
  await listeners.closeAll();
  // Those too that are being made, of which the catalog knows nothing.
  const used = computes.running.filter((id) => catalog.branches.has(id));
  await contents.noteUse(used).catch(() => {});
  await computes.stopAll();
}

/** What the volume can, as it shows now or did before; remembered together with the port. */
async function chooseCloneMethod({ options, home, settings, port }: Start): Promise<CloneMethod> {
  const detected = await detectCloneMethod(home.data);
  const next = { ...settings, port, ...(detected && { cloneMethod: detected }) };
  // A full disk must not keep anybody from deleting branches.
  const isNew = next.port !== settings.port || next.cloneMethod !== settings.cloneMethod;
  if (isNew) await writeSettings(home, next);
  return options.cloneMethod ?? detected ?? settings.cloneMethod ?? "copy";
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

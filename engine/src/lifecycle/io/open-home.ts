import type { Socket } from "node:net";
import { join } from "node:path";
import { BranchContents } from "../../control-plane/io/branch-contents.ts";
import { BranchHistory } from "../../control-plane/io/branch-history.ts";
import { BranchLocks } from "../../control-plane/io/branch-locks.ts";
import { ComputePool } from "../../control-plane/io/compute-pool.ts";
import { EndpointListeners } from "../../control-plane/io/endpoint-listeners.ts";
import { Operations } from "../../control-plane/io/operations.ts";
import { Records } from "../../control-plane/io/records.ts";
import type { Services } from "../../control-plane/io/services.ts";
import { SettingsCheck } from "../../control-plane/io/settings-check.ts";
import { Extensions } from "../../extensions/io/extensions.ts";
import { ExtensionStore } from "../../extensions/io/store.ts";
import { ExtensionTrial } from "../../extensions/io/trial.ts";
import { BaseBackupKeeper } from "../../pitr/io/base-backup-keeper.ts";
import { BaseBackups } from "../../pitr/io/base-backups.ts";
import { PointInTimeRecovery } from "../../pitr/io/point-in-time-recovery.ts";
import { type HistoryLimits, usualLimits } from "../../pitr/retention.ts";
import { findBinaries } from "../../postgres/io/binaries.ts";
import { ensureCertificate } from "../../postgres/io/certificate.ts";
import type { ComputeEnvironment } from "../../postgres/io/launch.ts";
import type { PostgresUser } from "../../postgres/io/os-user.ts";
import { findPreloadable } from "../../postgres/io/preloadable.ts";
import { TemplateCluster } from "../../postgres/io/template-cluster.ts";
import { trustExtensions } from "../../postgres/io/trusted-extensions.ts";
import type { Home } from "../../storage/home.ts";
import { ensureAdminPassword } from "../../storage/io/admin-password.ts";
import { Catalog } from "../../storage/io/catalog.ts";
import { Cloner } from "../../storage/io/clone.ts";
import { BranchData } from "../../storage/io/data-directories.ts";
import { Identities } from "../../storage/io/identities.ts";
import { Quarantine } from "../../storage/io/quarantine.ts";
import { refuseDamages } from "../../storage/io/refuse-damages.ts";
import { checkHome } from "./check-home.ts";
import { settleLeftovers, stopLeftovers } from "./crash-recovery.ts";

interface HomeOptions {
  user: PostgresUser | undefined;
  cloneMethod: Cloner["method"];
  /** When bases for time travel are taken and dropped. */
  history: Partial<HistoryLimits>;
  /** Takes clients that speak HTTP at an endpoint's address. */
  onHttp: (client: Socket) => void;
  log: (line: string) => void;
}

/** A home as an engine serves it. */
export interface OpenHome {
  services: Services;
  environment: ComputeEnvironment;
  cloner: Cloner;
  identities: Identities;
  quarantine: Quarantine;
  /** How much was set aside just now. */
  setAside: number;
}

/** Brings the home from whatever state the last engine left it in to one that can be served. */
export async function openHome(home: Home, options: HomeOptions): Promise<OpenHome> {
  const { user, onHttp, log } = options;
  const catalog = new Catalog(home.catalog);
  await catalog.load();
  await checkHome(home, catalog);
  const { environment, store } = await openEnvironment(home, user);
  await stopLeftovers(home, log);
  await store.settle();
  const cloner = new Cloner(options.cloneMethod, user);
  const data = new BranchData(home, cloner, user, environment.adminPassword);
  catalog.onBroken = () => data.keepAll();
  const setAside = await settleLeftovers({ home, catalog, data, log });
  const path = (dataDir: string) => data.path(dataDir);
  const identities = new Identities({ catalog, notes: data.notes, path, log });
  await identities.writeMissing();
  catalog.onCommitted = (change) => identities.follow(change);

  const records = new Records(catalog);
  const computes = new ComputePool({ catalog, records, data, environment, logs: home.logs });
  computes.addMissing();
  const listeners = new EndpointListeners(catalog, computes, onHttp);
  await listeners.openAll();
  for (const problem of listeners.problems.values()) log(problem);

  const limits = { ...usualLimits(data.method), ...options.history };
  const stored = new BaseBackups(home);
  const logFile = join(home.logs, "history.log");
  const recovery = new PointInTimeRecovery({ data, backups: stored, environment, logFile, limits });
  const backups = new BaseBackupKeeper(data, stored, limits);
  const locks = new BranchLocks();
  const history = new BranchHistory({ catalog, records, computes, locks, data, backups, log });
  const template = new TemplateCluster(home.templates, environment);
  const checkLog = join(home.logs, "check.log");
  const trial = new ExtensionTrial({ data, environment, template, logFile: checkLog });
  const services: Services = {
    catalog,
    records,
    locks,
    operations: new Operations(catalog),
    data,
    computes,
    listeners,
    contents: new BranchContents(catalog, records, computes),
    history,
    recovery,
    template,
    extensions: new Extensions({ store, trial, binaries: environment.binaries }),
    settingsCheck: new SettingsCheck({ data, environment, template, logFile: checkLog }),
    preloadable: environment.preloadable,
    log,
  };
  return { services, environment, cloner, identities, quarantine: new Quarantine(home), setAside };
}

async function openEnvironment(
  home: Home,
  user: PostgresUser | undefined,
): Promise<{ environment: ComputeEnvironment; store: ExtensionStore }> {
  const [binaries, certificate, adminPassword] = await Promise.all([
    findBinaries(home.binaries),
    ensureCertificate(home.tls, user).catch(refuseMisplaced),
    ensureAdminPassword(home).catch(refuseMisplaced),
  ]);
  const [ownPath, preloadable] = await Promise.all([
    trustExtensions(home.binaries, binaries),
    findPreloadable(binaries),
  ]);
  const store = new ExtensionStore(home.extensions, binaries.major, ownPath);
  const libraries = () => store.settings();
  const environment = { binaries, user, certificate, adminPassword, libraries, preloadable };
  return { environment, store };
}

/** A file cannot take the place of a directory. */
function refuseMisplaced(error: NodeJS.ErrnoException & { dest?: string }): never {
  const path = error.dest ?? error.path;
  if (error.code === "EISDIR" && path) {
    refuseDamages([{ kind: "unreadable", path, says: "is a directory" }]);
  }
  throw error;
}

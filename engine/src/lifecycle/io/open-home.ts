import type { Socket } from "node:net";
import { join } from "node:path";
import { failInterrupted } from "../../anonymization/io/anonymizer.ts";
import { BranchContents } from "../../control-plane/io/branch-contents.ts";
import { BranchHistory } from "../../control-plane/io/branch-history.ts";
import { ComputePool } from "../../control-plane/io/compute-pool.ts";
import { EndpointListeners } from "../../control-plane/io/endpoint-listeners.ts";
import { Records } from "../../control-plane/io/records.ts";
import type { Services } from "../../control-plane/io/services.ts";
import { SettingsCheck } from "../../control-plane/io/settings-check.ts";
import { Extensions } from "../../extensions/io/extensions.ts";
import { ExtensionStore } from "../../extensions/io/store.ts";
import { ExtensionTrial } from "../../extensions/io/trial.ts";
import { exists } from "../../lib/io/files.ts";
import { BaseBackupKeeper } from "../../pitr/io/base-backup-keeper.ts";
import { BaseBackups } from "../../pitr/io/base-backups.ts";
import { PointInTimeRecovery } from "../../pitr/io/point-in-time-recovery.ts";
import { type HistoryLimits, usualLimits } from "../../pitr/retention.ts";
import { type Binaries, findBinaries } from "../../postgres/io/binaries.ts";
import { ensureCertificate, readTlsContext } from "../../postgres/io/certificate.ts";
import type { ComputeEnvironment } from "../../postgres/io/launch.ts";
import type { PostgresUser } from "../../postgres/io/os-user.ts";
import { findPreloadable } from "../../postgres/io/preloadable.ts";
import { trustExtensions } from "../../postgres/io/trusted-extensions.ts";
import { hasFeature } from "../../postgres/version-features.ts";
import { PostgresVersions } from "../../postgres/versions/io/postgres-versions.ts";
import type { Home } from "../../storage/home.ts";
import { ensureAdminPassword } from "../../storage/io/admin-password.ts";
import { Catalog } from "../../storage/io/catalog.ts";
import { Cloner } from "../../storage/io/clone.ts";
import { BranchData } from "../../storage/io/data-directories.ts";
import { Identities } from "../../storage/io/identities.ts";
import { Quarantine } from "../../storage/io/quarantine.ts";
import { refuseDamages } from "../../storage/io/refuse-damages.ts";
import { ReplicaData } from "../../storage/io/replica-data.ts";
import { readSettings, writeSettings } from "../../storage/io/settings.ts";
import { BackgroundWork } from "../../under-way/io/background-work.ts";
import { BranchLocks } from "../../under-way/io/branch-locks.ts";
import { Operations } from "../../under-way/io/operations.ts";
import { checkHome } from "./check-home.ts";
import { settleLeftovers, stopLeftovers } from "./crash-recovery.ts";
import { settlePending } from "./settle-pending.ts";

interface HomeOptions {
  user: PostgresUser | undefined;
  cloneMethod: Cloner["method"];
  /** When bases for time travel are taken and dropped. */
  history: Partial<HistoryLimits>;
  /** From which size on copies are made in the background, where they cost their full size. */
  longCopyBytes: number;
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
  await settlePending(catalog, log);
  await checkHome(home, catalog);
  const { postgres, store } = await openPostgres(home, user);
  const environment = postgres.own;
  for (const problem of postgres.problems) log(problem);
  await stopLeftovers(home, log);
  await store.settle();
  const cloner = new Cloner(options.cloneMethod, user);
  const { adminPassword } = environment;
  const { longCopyBytes } = options;
  const data = new BranchData(home, cloner, { user, adminPassword, longCopyBytes });
  catalog.onBroken = () => data.keepAll();
  const setAside = await settleLeftovers({ home, catalog, data, log });
  const replicas = new ReplicaData(home, data, user);
  await replicas.settle((endpointId) => catalog.endpoints.has(endpointId));
  const path = (dataDir: string) => data.path(dataDir);
  const identities = new Identities({ catalog, notes: data.notes, path, log });
  await identities.writeMissing();
  catalog.onCommitted = (change) => identities.follow(change);
  await failInterrupted(catalog);

  const records = new Records(catalog);
  const computes = new ComputePool({
    ...{ catalog, records, data, replicas, postgres, log },
    logs: home.logs,
  });
  computes.addMissing();
  const locks = new BranchLocks();
  const operations = new Operations(catalog);
  const background = new BackgroundWork(locks, operations, log);
  const untilReady = (branchId: string) => background.ready(branchId);
  const tlsContext = await readTlsContext(environment.certificate);
  const outside = { onHttp, tlsContext };
  const listeners = new EndpointListeners(catalog, computes, outside, untilReady);
  await listeners.openAll();
  for (const problem of listeners.problems.values()) log(problem);

  const limits = { ...usualLimits(data.method), ...options.history };
  const stored = new BaseBackups(home);
  const logFile = join(home.logs, "history.log");
  const recovery = new PointInTimeRecovery({ data, backups: stored, logFile, limits });
  const backups = new BaseBackupKeeper(data, stored, limits);
  const history = new BranchHistory({ catalog, records, computes, locks, data, backups, log });
  const template = postgres.template(environment.binaries.major);
  const checkLog = join(home.logs, "check.log");
  const trial = new ExtensionTrial({ data, environment, template, logFile: checkLog });
  const services: Services = {
    catalog,
    records,
    locks,
    operations,
    background,
    data,
    computes,
    listeners,
    contents: new BranchContents(catalog, records, computes),
    history,
    recovery,
    postgres,
    extensions: new Extensions({ store, trial, binaries: environment.binaries }),
    settingsCheck: new SettingsCheck({ data, postgres, logFile: checkLog }),
    log,
  };
  return { services, environment, cloner, identities, quarantine: new Quarantine(home), setAside };
}

/** The engine's own Postgres, with the extensions that were added to it, and those of other versions. */
async function openPostgres(
  home: Home,
  user: PostgresUser | undefined,
): Promise<{ postgres: PostgresVersions; store: ExtensionStore }> {
  const [binaries, certificate, adminPassword] = await Promise.all([
    findBinaries(home.binaries),
    ensureCertificate(home.tls, user).catch(refuseMisplaced),
    ensureAdminPassword(home).catch(refuseMisplaced),
  ]);
  const open = async (found: Binaries) => {
    const { major } = found;
    const [ownPath, preloadable, dumpProgram] = await Promise.all([
      trustExtensions(home.binaries, found),
      findPreloadable(found),
      found === binaries ? undefined : programIn(found.bin, "pg_dump"),
    ]);
    const store = new ExtensionStore(home.extensions, major, ownPath);
    const libraries = async () =>
      hasFeature(major, "extensionPaths") ? store.settings() : ({} as Record<string, string>);
    const common = { user, certificate, adminPassword };
    return {
      store,
      environment: { ...common, binaries: found, libraries, preloadable, dumpProgram },
    };
  };
  const { environment: own, store } = await open(binaries);
  const postgres = await PostgresVersions.open(
    {
      ...{ own, user, templates: home.templates },
      environmentOf: async (found) => (await open(found)).environment,
      remember: async (directories) =>
        writeSettings(home, { ...(await readSettings(home)), postgres: directories }),
    },
    (await readSettings(home)).postgres,
  );
  return { postgres, store };
}

async function programIn(bin: string, name: string): Promise<string | undefined> {
  const path = join(bin, name);
  return (await exists(path)) ? path : undefined;
}

/** A file cannot take the place of a directory. */
function refuseMisplaced(error: NodeJS.ErrnoException & { dest?: string }): never {
  const path = error.dest ?? error.path;
  if (error.code === "EISDIR" && path) {
    refuseDamages([{ kind: "unreadable", path, says: "is a directory" }]);
  }
  throw error;
}

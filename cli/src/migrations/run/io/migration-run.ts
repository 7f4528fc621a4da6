import { hostname, userInfo } from "node:os";
import type { ProjectConfig } from "../../../config/project-config.ts";
import { isCi } from "../../../lib/process/environment.ts";
import { connectPostgres } from "../../../postgres/io/connect.ts";
import type { Connect } from "../../../postgres/io/session.ts";
import { refusePooler } from "../../../postgres/pooler.ts";
import type { Changes } from "../../../runtime/changes.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { doubledNumbers, introducedHere } from "../../folder/doubled-numbers.ts";
import { migrationFolder } from "../../folder/io/read-folder.ts";
import type { Migration, MigrationFolder } from "../../folder/migration.ts";
import type { Ledger } from "../../ledger/io/ledger.ts";
import type { LedgerPrefetch } from "../../ledger/io/prefetch.ts";
import type { LedgerName } from "../../ledger/ledger-name.ts";
import type { LockWait } from "../../ledger/lock-wait.ts";
import type { MigrationPolicy } from "../../ledger/policy.ts";
import { type MigrationWarning, numberDoubled } from "../../ledger/warning.ts";
import type { MigrationObserver } from "../event.ts";
import { printEvents } from "./print-events.ts";

/** Migrations that are to be applied to a database. */
export interface MigrationRun {
  migrations: Migrations;
  database: MigrationDatabase;
  lockWait: LockWait;
  observe: MigrationObserver;
  /** Where how far it has come is noted, for an interrupt. */
  changes: Changes;
  /** What a person types for the same run again. */
  command: string;
}

/** What is to be applied, where that is recorded, and what of it is allowed. */
interface Migrations {
  folder: MigrationFolder;
  ledger: LedgerName;
  policy: MigrationPolicy;
  /** What there is to say of the folder, where these are to be run. */
  folderWarnings?(toRun: readonly Migration[]): Promise<MigrationWarning[]>;
}

export interface MigrationDatabase {
  connect: Connect;
  /** The name of the run's own session, for those who wait behind it. */
  applicationName: string;
  /** The ledger, where it was read before there was a connection. */
  prefetchedLedger(): Promise<Ledger | undefined>;
  /** Refuses to change anything where the project's Drizzle keeps another ledger than this. */
  verifyLedger(ledger: Ledger): Promise<void>;
}

/** A database as the project's migrations need it: how to reach it, and whose it is. */
export interface MigrationTarget {
  url: string;
  /** For errors: `branch dev-phil-local`. */
  what: string;
  /** Others depend on it, so nothing is applied out of order unless the config says so. */
  shared: boolean;
  /** For `connectPostgres`. */
  loopback?: string | undefined;
  /** A look at its ledger that may be under way. */
  prefetch?: LedgerPrefetch | undefined;
}

export interface RunWishes {
  strict?: boolean;
  waitMs?: number;
  /** Where it has been read already. */
  folder?: MigrationFolder;
  command?: string;
}

/** The run of this checkout's migrations on this database; refuses what needs no connection. */
export function migrationRun(
  context: Runtime,
  config: ProjectConfig,
  target: MigrationTarget,
  wishes: RunWishes = {},
): MigrationRun {
  refusePooler(target.url, "migrations need");
  const { strict = false, waitMs = 60_000, command = "ds db migrate" } = wishes;
  const { schema, table, late } = config.migrations;
  const folder = wishes.folder ?? migrationFolder(config, context.cwd);
  return {
    migrations: {
      folder,
      ledger: { schema, table },
      policy: {
        allowLate: late === "apply" || !(target.shared || isCi(context.env)),
        strict,
      },
      folderWarnings: (toRun) => doubledHere(context, config, folder, toRun),
    },
    database: projectDatabase(context, config, target),
    lockWait: { milliseconds: waitMs, signal: context.signal },
    observe: printEvents(context.output),
    changes: context.output.changes,
    command,
  };
}

/** Numbers that this side gave a second time: the base branch does not have these migrations yet. */
async function doubledHere(
  context: Runtime,
  config: ProjectConfig,
  folder: MigrationFolder,
  toRun: readonly Migration[],
): Promise<MigrationWarning[]> {
  const isOpen = (name: string) => toRun.some((migration) => migration.name === name);
  const doubled = doubledNumbers(folder);
  if (!doubled.some(({ name }) => isOpen(name))) return [];
  const { filesOfBase } = await import("../../folder/io/base-branch.ts");
  const base = await filesOfBase(context, config.migrations.folder);
  if (base === undefined) return [];
  return introducedHere(doubled, base.files)
    .filter(({ name }) => isOpen(name))
    .map((each) => numberDoubled(each, base.ref));
}

/** One whose ledger is known to be the right one, as that of a copy or of a new database is. */
export function knownDatabase(
  url: string,
  { what, loopback, who = migratorIdentity() }: KnownDatabase,
): MigrationDatabase {
  return {
    connect: (applicationName) => connectPostgres(url, { what, applicationName, loopback }),
    applicationName: applicationName(who),
    prefetchedLedger: async () => undefined,
    verifyLedger: async () => {},
  };
}

interface KnownDatabase {
  what: string;
  loopback?: string | undefined;
  /** Default: the person and the machine. */
  who?: string;
}

function projectDatabase(
  context: Runtime,
  config: ProjectConfig,
  { url, what, loopback, prefetch }: MigrationTarget,
): MigrationDatabase {
  const known = knownDatabase(url, { what, loopback });
  return {
    ...known,
    connect: (name) => prefetch?.takeConnection(url) ?? known.connect(name),
    prefetchedLedger: async () => prefetch?.ledger(url),
    verifyLedger: async ({ rows }) => {
      if (config.migrations.assumed.length === 0) return;
      const { refuseOtherLedger } = await import("../../../config/io/ledger-agreement.ts");
      await refuseOtherLedger(context, config, rows.length > 0);
    },
  };
}

/** For those who wait behind it. */
export function migratorIdentity(): string {
  return `${userInfo().username}@${hostname()}`;
}

/** Postgres keeps 63 bytes of it, and of those only printable ASCII. */
export function applicationName(who: string): string {
  return `ds migrate ${who}`.replace(/[^\x20-\x7e]/g, "?").slice(0, 63);
}

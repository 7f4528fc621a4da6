import { hostname, userInfo } from "node:os";
import type { ProjectConfig } from "../../../config/project-config.ts";
import { isCi } from "../../../lib/process/environment.ts";
import { connectPostgres } from "../../../postgres/io/connect.ts";
import { refusePooler } from "../../../postgres/pooler.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { migrationFolder } from "../../folder/io/read-folder.ts";
import type { MigrationFolder } from "../../folder/migration.ts";
import type { LedgerPrefetch } from "../../ledger/io/prefetch.ts";
import type { MigratorOptions } from "./migrate.ts";

/** A database as the migrator needs it: how to reach it, and whose it is. */
export interface MigrationTarget {
  url: string;
  /** For errors: `branch dev-phil-local`. */
  what: string;
  /** Others depend on it, so nothing is applied out of order unless the config says so. */
  shared: boolean;
  /** For `connectPostgres`. */
  loopback?: string | undefined;
  /** A look at its ledger that may be under way. */
  early?: LedgerPrefetch | undefined;
}

export interface MigrationWishes {
  check?: boolean;
  strict?: boolean;
  waitMs?: number;
  /** Where it has been read already. */
  folder?: MigrationFolder;
}

/** What the migrator needs for this checkout and this database; refuses what needs no connection. */
export function migratorOptions(
  context: Runtime,
  config: ProjectConfig,
  { url, what, shared, loopback, early }: MigrationTarget,
  wishes: MigrationWishes = {},
): MigratorOptions {
  refusePooler(url);
  const { check = false, strict = false, waitMs = 60_000 } = wishes;
  const { schema, table, late } = config.migrations;
  const { output } = context;
  return {
    folder: wishes.folder ?? migrationFolder(config, context.cwd),
    ledger: { schema, table },
    connect: (applicationName) =>
      early?.takeConnection(url) ?? connectPostgres(url, { what, applicationName, loopback }),
    prefetched: async () => early?.ledger(url),
    proveLedger: async ({ rows }) => {
      if (config.migrations.assumed.length === 0) return;
      const { refuseOtherLedger } = await import("../../../config/io/ledger-agreement.ts");
      await refuseOtherLedger(context, config, rows.length > 0);
    },
    policy: { allowLate: late === "apply" || !(shared || isCi(context.env)), strict },
    check,
    wait: waitMs,
    signal: context.signal,
    who: migratorIdentity(),
    onNote: (text) => output.note(text),
    onWarning: (text) => output.warn(text),
    onDetail: (text) => output.detail(text),
    onApplied: ({ name }, milliseconds) => output.done(`${name} (${milliseconds} ms)`),
  };
}

/** For those who wait behind it. */
export function migratorIdentity(): string {
  return `${userInfo().username}@${hostname()}`;
}

import { hostname, userInfo } from "node:os";
import { type ProjectConfig, shownPath } from "../config.ts";
import type { Context } from "../context.ts";
import { parseConnectionUrl } from "../core/connection-url.ts";
import { DsError } from "../errors.ts";
import type { EarlyConnection } from "./early-connection.ts";
import type { MigratorOptions } from "./migrator.ts";
import { readMigrationFolder } from "./migrator-folder.ts";
import { connectPostgres } from "./postgres.ts";

/** A database as the migrator needs it: how to reach it, and whose it is. */
export interface MigrationTarget {
  url: string;
  /** For errors: `branch dev-phil-local`. */
  what: string;
  /** Others depend on it, so nothing is applied out of order unless the config says so. */
  shared: boolean;
  /** For `connectPostgres`. */
  loopback?: string | undefined;
  /** A connection to it that may be under way. */
  early?: EarlyConnection | undefined;
}

export interface MigrationWishes {
  check?: boolean;
  strict?: boolean;
  waitMs?: number;
}

/** What the migrator needs for this checkout and this database; refuses what needs no connection. */
export function migratorFor(
  context: Pick<Context, "cwd" | "env" | "output" | "signal">,
  config: ProjectConfig,
  { url, what, shared, loopback, early }: MigrationTarget,
  { check = false, strict = false, waitMs = 60_000 }: MigrationWishes = {},
): MigratorOptions {
  refusePooler(url);
  const { folder, schema, table, late } = config.migrations;
  const { output } = context;
  return {
    folder: readMigrationFolder(folder, shownPath(folder, context.cwd)),
    ledger: { schema, table },
    connect: (applicationName) =>
      early?.take(url) ?? connectPostgres(url, { what, applicationName, loopback }),
    policy: { allowLate: late === "apply" || !(shared || isCi(context.env)), strict },
    check,
    wait: waitMs,
    signal: context.signal,
    who: whoMigrates(),
    onNote: (text) => output.note(text),
    onWarning: (text) => output.warn(text),
    onApplied: ({ name }, milliseconds) => output.done(`${name} (${milliseconds} ms)`),
  };
}

/** For those who wait behind it. */
export function whoMigrates(): string {
  return `${userInfo().username}@${hostname()}`;
}

/** A pooler hands each transaction to another session, so that a session's lock protects nothing. */
function refusePooler(url: string): void {
  const { host } = parseConnectionUrl(url);
  if (!/-pooler(?:\.|$)/.test(host)) return;
  throw new DsError("USAGE", `${host} is a connection pooler; migrations need the direct address`, {
    hint: `Use ${host.replace("-pooler", "")}`,
  });
}

function isCi(env: Context["env"]): boolean {
  return env.CI !== undefined && env.CI !== "" && env.CI !== "false" && env.CI !== "0";
}

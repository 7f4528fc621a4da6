import { dirname } from "node:path";
import { DsError } from "../../errors/ds-error.ts";
import { shownPath } from "../../lib/format/shown-path.ts";
import { differingParts, drizzleConfigNames, ledgerLine } from "../drizzle-settings.ts";
import type { ProjectConfig } from "../project-config.ts";
import { type DrizzleConfig, type DrizzleReader, readDrizzleConfig } from "./drizzle-config.ts";
import { nearestFile } from "./find-up.ts";

/**
 * Refuses to go on with a ledger that ds.config.ts leaves to the default where the drizzle config of the same
 * folder names another one: what Drizzle has applied would run a second time.
 *
 * @param isInUse the ledger that would be used has rows already, so that a drizzle config which cannot be
 *   read is no reason to doubt it
 */
export async function refuseOtherLedger(
  context: DrizzleReader,
  config: ProjectConfig,
  isInUse: boolean,
): Promise<void> {
  const { assumed, schema, table } = config.migrations;
  if (assumed.length === 0) return;
  const { drizzle, unreadable } = await drizzleConfigOf(context, config);
  if (unreadable !== undefined && !isInUse) {
    throw new DsError(
      "CONFIG_INVALID",
      `${unreadable.message}; so nobody knows whether its ledger is ${schema}.${table}, which has no entry yet`,
      {
        reason: "LEDGER_UNCERTAIN",
        hint: `Mend it, or name the ledger under \`migrations\` in ds.config.ts: ${ledgerLine(assumed, config.migrations)}`,
        cause: unreadable,
      },
    );
  }
  if (drizzle !== undefined) refuseDiffering(context, config, drizzle);
}

/** Refuses where the two name different ledgers. */
export function refuseDiffering(
  { cwd }: Pick<DrizzleReader, "cwd">,
  { migrations }: ProjectConfig,
  drizzle: DrizzleConfig,
): void {
  const { assumed, schema, table } = migrations;
  const differing = differingParts(assumed, migrations, drizzle);
  if (differing.length === 0) return;
  throw new DsError(
    "CONFIG_INVALID",
    `the ledger of ${shownPath(drizzle.file, cwd)} is ${drizzle.schema}.${drizzle.table}, ` +
      `but ds.config.ts leaves it at ${schema}.${table}`,
    {
      reason: "LEDGER_DIFFERS",
      details: { drizzle: `${drizzle.schema}.${drizzle.table}`, configured: `${schema}.${table}` },
      hint: `Say which it is, under \`migrations\` in ds.config.ts. Drizzle's: ${ledgerLine(differing, drizzle)}`,
    },
  );
}

/** The drizzle config that generates into the project's folder, looked for above that folder and at the root. */
export async function drizzleConfigOf(
  context: DrizzleReader,
  { envFile, migrations: { folder }, root }: ProjectConfig,
): Promise<{ drizzle?: DrizzleConfig; unreadable?: DsError }> {
  const files = [dirname(folder), root].flatMap(
    (from) => nearestFile(from, drizzleConfigNames) ?? [],
  );
  let unreadable: DsError | undefined;
  for (const file of new Set(files)) {
    try {
      const drizzle = await readDrizzleConfig(file, context, [envFile.url, envFile.unpooledUrl]);
      if (drizzle.folder === folder) return { drizzle };
    } catch (error) {
      if (!(error instanceof DsError) || error.code !== "CONFIG_INVALID") throw error;
      // One of another kind of database is no PostgreSQL ledger's.
      if (error.details.problem !== "other-dialect") unreadable ??= error;
    }
  }
  return unreadable === undefined ? {} : { unreadable };
}

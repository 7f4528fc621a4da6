import type { ProjectConfig } from "../../../config/project-config.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { listed } from "../../../lib/format/listed.ts";
import { rowName } from "../../../migrations/ledger/compare.ts";
import { readLedger } from "../../../migrations/ledger/io/ledger.ts";
import { withPostgres } from "../../../postgres/io/connect.ts";
import type { Target } from "../../../stages/io/target.ts";

/**
 * A refresh takes its time, and main is everybody's: a migration that came to it since the copy was made
 * would go with the old main. Refused, with nothing changed.
 */
export async function refuseMigratedSince(
  { branch, connectionUrl }: Target,
  copy: { name: string; url: string },
  { migrations: { schema, table }, migrator }: ProjectConfig,
): Promise<void> {
  // The records of other tools are not read.
  if (migrator.kind !== "drizzle") return;
  const ledger = (url: string, name: string) =>
    withPostgres(url, { what: `branch ${name}` }, (client) =>
      readLedger(client, { schema, table }),
    );
  const [now, copied] = await Promise.all([
    connectionUrl().then((url) => ledger(url, branch.name)),
    ledger(copy.url, copy.name),
  ]);
  const known = new Set(copied.rows.map(({ hash }) => hash));
  const since = now.rows.filter(({ hash }) => !known.has(hash));
  if (since.length === 0) return;
  throw new DsError(
    "CONFLICT",
    `${branch.name} was migrated while its new data was being put together (${listed(since.map(rowName))})`,
    {
      reason: "MIGRATED_MEANWHILE",
      hint: "Bring this checkout up to date, then: ds db refresh-staging",
    },
  );
}

import { recordTables } from "../../../config/migrator.ts";
import type { ProjectConfig } from "../../../config/project-config.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { listed } from "../../../lib/format/listed.ts";
import { rowName } from "../../../migrations/ledger/compare.ts";
import { readLedger } from "../../../migrations/ledger/io/ledger.ts";
import { withPostgres } from "../../../postgres/io/connect.ts";
import type { Target } from "../../../stages/io/target.ts";
import { recordTablesSql, rowsStateSql, schemaStateSql } from "../migration-state-sql.ts";

interface Copy {
  name: string;
  url: string;
}

/** What main's copy had by way of migrations when it was made. */
export interface CopiedMigrations {
  /** Only of those that others than ds apply: schema and records, as a text to compare. */
  state: string | undefined;
}

export async function copiedMigrations(
  copy: Copy,
  config: ProjectConfig,
): Promise<CopiedMigrations> {
  const state = config.migrator.kind === "drizzle" ? undefined : await stateOf(copy, config);
  return { state };
}

/**
 * A refresh takes its time, and main is everybody's: a migration that came to it since the copy was made
 * would go with the old main. Refused, with nothing changed.
 */
export async function refuseMigratedSince(
  { branch, connectionUrl }: Target,
  copy: Copy,
  before: CopiedMigrations,
  config: ProjectConfig,
): Promise<void> {
  const main = { name: branch.name, url: await connectionUrl() };
  if (before.state !== undefined) {
    if ((await stateOf(main, config)) !== before.state) throw migratedSince(main.name);
    return;
  }
  const { schema, table } = config.migrations;
  const ledger = ({ url, name }: Copy) =>
    withPostgres(url, { what: `branch ${name}` }, (client) =>
      readLedger(client, { schema, table }),
    );
  const [now, copied] = await Promise.all([ledger(main), ledger(copy)]);
  const known = new Set(copied.rows.map(({ hash }) => hash));
  const since = now.rows.filter(({ hash }) => !known.has(hash));
  if (since.length > 0) throw migratedSince(main.name, since.map(rowName));
}

const migratedSince = (main: string, names: readonly string[] = []): DsError =>
  new DsError(
    "CONFLICT",
    `${main} was migrated while its new data was being put together${names.length > 0 ? ` (${listed(names)})` : ""}`,
    {
      reason: "MIGRATED_MEANWHILE",
      hint: "Bring this checkout up to date, then: ds db refresh-staging",
    },
  );

/** Of tools whose records ds does not read: equal texts mean that nothing was migrated. */
const stateOf = ({ url, name }: Copy, { migrations, migrator }: ProjectConfig): Promise<string> =>
  withPostgres(url, { what: `branch ${name}` }, async (client) => {
    const ask = async (sql: string) => String((await client.query(sql)).rows[0]?.state);
    const records = await client.query<{ schema: string; name: string }>(
      recordTablesSql(recordTables(migrations, migrator)),
    );
    const states = [await ask(schemaStateSql)];
    for (const { schema, name: table } of records.rows)
      states.push(await ask(rowsStateSql(schema, table)));
    return states.join(" ");
  });

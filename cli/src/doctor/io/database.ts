import type { Client } from "pg";
import { refuseOtherBranch } from "../../branches/refusals.ts";
import type { ProjectConfig } from "../../config/project-config.ts";
import { plural } from "../../lib/format/plural.ts";
import type { Migration } from "../../migrations/folder/migration.ts";
import { rowName } from "../../migrations/ledger/compare.ts";
import { lookAtMigrations } from "../../migrations/ledger/io/branch-migrations.ts";
import {
  extensionsOf,
  missingExtensions,
  missingText,
} from "../../migrations/ledger/missing-extensions.ts";
import { addExtensionCommand } from "../../migrations/sql/extensions.ts";
import { addressOf, parseConnectionUrl } from "../../postgres/connection-url.ts";
import { withPostgres } from "../../postgres/io/connect.ts";
import { readExtensionStates } from "../../postgres/io/extensions.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Target } from "../../stages/io/target.ts";
import { clockFinding } from "../findings.ts";
import type { Examination } from "./examination.ts";
export interface Found {
  target: Target;
  config: ProjectConfig;
}

/** Logs in, and asks the server which branch it is, how late it is, and which migrations it has. */
export async function examineDatabase(
  context: Pick<Runtime, "cwd" | "home">,
  examination: Examination,
  { target, config }: Found,
): Promise<void> {
  const { branch, loopback, stage } = target;
  const url = await target.connectionUrl();
  const what = `the branch ${branch.name}`;
  await withPostgres(url, { what, loopback }, async (client) => {
    const asked = Date.now();
    const { rows } = await client.query<{ now: Date; id: string | null; version: string }>(
      `select clock_timestamp() as now, current_setting('neon.branch_id', true) as id,
         current_setting('server_version') as version`,
    );
    const answered = Date.now();
    const [row] = rows;
    if (row === undefined) return;
    refuseOtherBranch(stage, branch, row.id ?? undefined);
    const address = addressOf(parseConnectionUrl(url));
    examination.ok("database", `PostgreSQL ${row.version.split(" ")[0]} at ${address}`);
    examination.add(clockFinding(row.now.getTime(), asked, answered));
    const isOurs = config.migrator.kind === "drizzle";
    const readable = isOurs && examination.passed("migrations") ? client : undefined;
    const open = await examination.check("ledger", readable, async () => {
      const { states } = await lookAtMigrations(context, config, branch.id, client);
      examineLedger(examination, states);
      return [...states.late, ...states.pending];
    });
    await examination.check("extensions", client, () =>
      examineExtensions(examination, client, {
        config,
        open: open ?? [],
        loopback: loopback !== undefined,
      }),
    );
  });
}

/** Whether the server has the extensions that the database, the configuration and what is pending need. */
async function examineExtensions(
  examination: Examination,
  client: Client,
  { config, open, loopback }: { config: ProjectConfig; open: Migration[]; loopback: boolean },
): Promise<void> {
  const states = await readExtensionStates(client, [...config.extensions, ...extensionsOf(open)]);
  const missing = missingExtensions(open, states);
  const told = new Set(missing.map(({ extension }) => extension));
  for (const each of missing) {
    const { says, fix } = missingText(each);
    examination.warn("extensions", says, fix);
  }
  const wanted = new Set(config.extensions);
  for (const { name, created, available } of states) {
    if (available || told.has(name) || !(created || wanted.has(name))) continue;
    const why = created ? "the database has" : "ds.config.ts lists";
    examination.warn(
      "extensions",
      `${why} ${name}, whose files this Postgres does not have`,
      loopback ? addExtensionCommand(name) : "See which extensions Neon has",
    );
  }
  if (examination.findings.some(({ check }) => check === "extensions")) return;
  const names = states.flatMap(({ name, created }) => (created ? name : []));
  examination.ok("extensions", `the database has ${names.join(", ") || "none"}`);
}

type States = Awaited<ReturnType<typeof lookAtMigrations>>["states"];

function examineLedger(
  examination: Examination,
  { applied, edited, late, pending, unknown }: States,
): void {
  const names = (migrations: { name: string }[]) => migrations.map(({ name }) => name).join(", ");
  if (edited.length > 0) {
    examination.add({
      check: "ledger",
      health: "problem",
      code: "MIGRATION_REFUSED",
      says: `applied, and edited since: ${names(edited)}`,
      fix: "Take the edit back, or say that the database has it: ds db resolve --accept-edit",
    });
  }
  if (unknown.length > 0) {
    examination.warn(
      "ledger",
      `the database is ahead of this checkout: ${unknown.map(rowName).join(", ")}`,
      "Get the commits that have them (git pull), or start from main again: ds db reset",
    );
  }
  if (pending.length + late.length > 0) {
    examination.warn(
      "ledger",
      `not applied yet: ${names([...late, ...pending])}`,
      "Apply them: ds db migrate",
    );
  }
  if (edited.length + unknown.length + pending.length + late.length > 0) return;
  examination.ok("ledger", `${plural(applied.length, "migration")} applied, none pending`);
}

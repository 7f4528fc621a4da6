import { knownRecords } from "../../config/migration-tools.ts";
import type { CatalogueTable } from "../model/catalogue.ts";

/** Names that a product could have as well: only with nothing but these columns. */
const plain = new Set([
  "schema_migrations",
  "schema_migration",
  "schema_version",
  "migrations",
  "migration",
]);

/**
 * Tables in which migration tools note what they have applied. Main keeps its own: with another database's
 * ledger, or an empty one, the next deployment would migrate from nothing.
 */
const names = new Set([
  // Atlas has a table of its schema's name where there is one schema alone.
  ...knownRecords.map((name) => name.toLowerCase().replace(/\.\*$/, "")),
  ...["__drizzle_migrations", "sequelizedata", "typeorm_migrations"],
  ...["mikro_orm_migrations", "kysely_migration", "kysely_migration_lock", "_sqlx_migrations"],
  ...["refinery_schema_history", "__diesel_schema_migrations", "__efmigrationshistory"],
  ...["doctrine_migration_versions", "phinxlog"],
]);
for (const name of plain) names.delete(name);

/** Schemas that hold nothing else. */
const schemas = new Set([
  ...knownRecords.filter((name) => name.endsWith(".*")).map((name) => name.slice(0, -2)),
  ...["__ds", "drizzle", "sqitch", "graphile_migrate", "pgroll"],
]);

const columns = new Set([
  ...[
    "id",
    "version",
    "dirty",
    "name",
    "migration",
    "batch",
    "timestamp",
    "hash",
    "checksum",
    "filename",
  ],
  ...["description", "type", "script", "success", "installed_rank", "installed_by", "installed_on"],
  ...[
    "execution_time",
    "executed_at",
    "run_on",
    "run_at",
    "applied_at",
    "inserted_at",
    "created_at",
  ],
  ...["updated_at", "migration_time", "statements", "created_by", "idempotency_key", "rollback"],
]);

export function isLedger({ schema, name, columns: own, foreignKeys }: CatalogueTable): boolean {
  const lower = name.toLowerCase();
  if (schemas.has(schema) || names.has(lower)) return true;
  return (
    plain.has(lower) &&
    foreignKeys.length === 0 &&
    own.every((column) => columns.has(column.name.toLowerCase()))
  );
}

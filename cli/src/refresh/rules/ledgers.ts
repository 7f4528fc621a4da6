import type { CatalogueTable } from "../model/catalogue.ts";

/**
 * Tables in which migration tools note what they have applied. Main keeps its own: with another database's
 * ledger, or an empty one, the next deployment would migrate from nothing.
 */
const names = new Set([
  ...["__drizzle_migrations", "_prisma_migrations", "flyway_schema_history", "databasechangelog"],
  ...["databasechangeloglock", "alembic_version", "knex_migrations", "knex_migrations_lock"],
  ...[
    "sequelizemeta",
    "sequelizedata",
    "typeorm_metadata",
    "typeorm_migrations",
    "goose_db_version",
  ],
  ...["atlas_schema_revisions", "pgmigrations", "django_migrations", "mikro_orm_migrations"],
  ...["kysely_migration", "kysely_migration_lock", "_sqlx_migrations", "refinery_schema_history"],
  ...[
    "__diesel_schema_migrations",
    "__efmigrationshistory",
    "doctrine_migration_versions",
    "phinxlog",
  ],
  ...["ar_internal_metadata"],
]);

/** Schemas that hold nothing else. */
const schemas = new Set([
  ...["__ds", "drizzle", "sqitch", "atlas_schema_revisions", "supabase_migrations"],
  ...["graphile_migrate", "pgroll"],
]);

/** Names that a product could have as well: only with nothing but these columns. */
const plain = new Set([
  "schema_migrations",
  "schema_migration",
  "schema_version",
  "migrations",
  "migration",
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

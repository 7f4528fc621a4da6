import { expect, test } from "vitest";
import { catalogueOf } from "../../../test/helpers/refresh/catalogue.ts";
import { isLedger } from "./ledgers.ts";

const ledger = (line: string) => catalogueOf(line).tables.every(isLedger);

test.each([
  "drizzle.__drizzle_migrations(id integer pk, hash text!, created_at bigint)",
  "_prisma_migrations(id text pk, checksum text!)",
  "schema_migrations(version text pk)",
  "ar_internal_metadata(key text pk, value text)",
  "schema_migrations(version bigint pk, dirty boolean!)",
  "flyway_schema_history(installed_rank integer pk, script text!)",
  "databasechangelog(id text!, author text!, filename text!)",
  "databasechangeloglock(id integer pk, locked boolean!)",
  "alembic_version(version_num text pk)",
  "knex_migrations(id integer pk, name text, batch integer)",
  "knex_migrations_lock(index integer pk, is_locked integer)",
  "SequelizeMeta(name text pk)",
  "migrations(id integer pk, timestamp bigint!, name text!)",
  "atlas_schema_revisions.atlas_schema_revisions(version text pk, description text!)",
  "goose_db_version(id integer pk, version_id bigint!, is_applied boolean!)",
  "sqitch.changes(change_id text pk, project text!, committer_email text!)",
  "__ds.migrate_runs(id bigint pk)",
])("a ledger: %s", (line) => expect(ledger(line)).toBe(true));

test.each([
  "migrations(id bigint pk, customer_email text!, from_country text)",
  "schema_version(id bigint pk, document jsonb)",
  "organizations(id bigint pk)",
])("no ledger: %s", (line) => expect(ledger(line)).toBe(false));

test("a product's own table of that name refers to others", () => {
  const { tables } = catalogueOf(
    "migrations(id bigint pk, name text > users.name)\nusers(name text pk)",
  );
  expect(tables.map(isLedger)).toEqual([false, false]);
});

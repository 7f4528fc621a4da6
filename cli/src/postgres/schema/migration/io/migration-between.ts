import type { Client } from "pg";
import { quoteQualified } from "../../../quote.ts";
import { type DependencyRow, dependenciesSql } from "../dependencies.ts";
import { planMigration } from "../plan.ts";
import { migrationStatements } from "../statements.ts";
import type { SchemaMigration } from "../text.ts";

interface Side {
  /** Of the schema; objects that ds itself made left out. */
  dump: string;
  client: Client;
}

const populatedSql = `
  select n.nspname as schema, c.relname as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'm' and c.relispopulated`;

/**
 * What makes the base's schema the branch's. What depends on what is the server's word.
 *
 * @param role who applies it
 */
export async function migrationBetween({
  base,
  branch,
  role,
}: {
  base: Side;
  branch: Side;
  role: string;
}): Promise<SchemaMigration> {
  await base.client.query("begin read only; set local search_path = pg_catalog");
  const dependencies = await base.client.query<DependencyRow>(dependenciesSql);
  await base.client.query("rollback");
  const populated = await branch.client.query<{ schema: string; name: string }>(populatedSql);
  return migrationStatements(planMigration(base.dump, branch.dump, dependencies.rows), {
    role,
    populated: new Set(populated.rows.map(({ schema, name }) => quoteQualified(schema, name))),
  });
}

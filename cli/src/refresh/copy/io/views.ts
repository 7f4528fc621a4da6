import type { Client } from "pg";
import { shownName, sqlName } from "../../model/names.ts";
import { serverFailure } from "../../model/server-failure.ts";

/**
 * Materialized views hold what their tables were: each is made anew, those that others read first (nothing
 * can read a materialized view that is younger than itself).
 */
export async function refreshViews(client: Client): Promise<void> {
  const { rows } = await client.query<{ schema: string; name: string }>(
    `select n.nspname as schema, c.relname as name
     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'm' and c.relispopulated and n.nspname !~ '^pg_' order by c.oid`,
  );
  for (const view of rows) {
    await client.query(`refresh materialized view ${sqlName(view)}`).catch((error) => {
      throw serverFailure(error, `making the materialized view ${shownName(view)} anew`);
    });
  }
}

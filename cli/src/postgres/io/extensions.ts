import type { Client } from "pg";
import type { ExtensionState } from "../extension-state.ts";

/** Of these extensions, and of all that the database has. */
export async function readExtensionStates(
  client: Client,
  names: readonly string[],
): Promise<ExtensionState[]> {
  const { rows } = await client.query<ExtensionState>(
    `with named as (select unnest($1::text[]) as name union select extname::text from pg_catalog.pg_extension)
     select named.name,
       exists (select from pg_catalog.pg_extension e where e.extname = named.name) as created,
       exists (select from pg_catalog.pg_available_extensions a where a.name = named.name) as available
     from named order by 1`,
    [names],
  );
  return rows;
}

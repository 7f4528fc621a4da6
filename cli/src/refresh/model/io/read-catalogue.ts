import type { Client } from "pg";
import { DsError } from "../../../errors/ds-error.ts";
import { ownSchema } from "../../../postgres/own-schema.ts";
import type { Catalogue } from "../catalogue.ts";
import { type CatalogueAnswers, catalogueFrom } from "../catalogue-rows.ts";
import { catalogueQueries } from "../catalogue-sql.ts";

export interface CatalogueOptions {
  /** What the database is, for errors: `the source`. */
  what: string;
  /** What is no part of the data: a schema, a table with its schema, or with a `*` the beginning of its name. */
  without: string[];
}

/** Oldest server whose catalogue has what is asked for. */
const oldest = 140_000;

/** What the database's catalogue says. Changes nothing, and works in a read-only transaction. */
export async function readCatalogue(
  client: Pick<Client, "query">,
  { what, without }: CatalogueOptions,
): Promise<Catalogue> {
  const { rows } = await client.query<{ version: number }>(
    "select current_setting('server_version_num')::int as version",
  );
  const version = rows[0]?.version ?? 0;
  if (version < oldest) {
    throw new DsError(
      "REFUSED",
      `${what} is PostgreSQL ${Math.floor(version / 10_000)}, and a refresh needs 14 or newer`,
    );
  }
  // `pg` answers a message of several statements with a list, which its types do not tell.
  const answers = (await client.query(catalogueQueries)) as unknown as { rows: unknown[] }[];
  const lists = answers.slice(2, -1).map(({ rows }) => rows);
  return catalogueFrom(lists as CatalogueAnswers, version, [ownSchema, ...without]);
}

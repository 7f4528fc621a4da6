import type { Client } from "pg";
import { codeOf } from "../../../errors/code-of.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { ownSchema } from "../../../postgres/own-schema.ts";
import { sqlState } from "../../../postgres/sqlstate.ts";
import type { Catalogue } from "../catalogue.ts";
import { type CatalogueAnswers, catalogueFrom } from "../catalogue-rows.ts";
import { catalogueQueries } from "../catalogue-sql.ts";

export interface CatalogueOptions {
  /** What the database is, for errors: `the source`. */
  what: string;
  /** What is no part of the data: a schema, a table with its schema, or with a `*` the beginning of its name. */
  without: string[];
  /** How long to wait for a table that somebody has locked. Default: ten seconds. */
  lockMs?: number;
}

/** Oldest server whose catalogue has what is asked for. */
const oldest = 140_000;

/** What the database's catalogue says. Changes nothing, and works in a read-only transaction. */
export async function readCatalogue(
  client: Pick<Client, "query">,
  { what, without, lockMs = 10_000 }: CatalogueOptions,
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
  const answers = (await client.query(catalogueQueries(lockMs)).catch((error: unknown) => {
    throw codeOf(error) === sqlState.lockNotAvailable ? locked(what, lockMs) : error;
  })) as unknown as { rows: unknown[] }[];
  const lists = answers.slice(2, -1).map(({ rows }) => rows);
  return catalogueFrom(lists as CatalogueAnswers, version, [ownSchema, ...without]);
}

const locked = (what: string, lockMs: number): DsError =>
  new DsError(
    "LOCKED",
    `${what}: somebody has locked a table for ${Math.ceil(lockMs / 1000)} s, so that its columns could not be read`,
    {
      reason: "TABLE_LOCKED",
      hint: "ALTER TABLE, VACUUM FULL and the like do that. Run this again when it is over; pg_stat_activity shows who it is.",
    },
  );

import type { Client } from "pg";
import type { NamedCatalog, NonTransactional } from "../../sql/parsed-statement.ts";

/**
 * Statements outside of transactions: what there is to see before one is begun, what has become of
 * one whose end nobody noted, and what a failed or killed one leaves behind.
 */

export type Outcome = "done" | "repeat" | "unclear";

interface Index {
  oid: string;
  /** Quoted where needed, with its schema. */
  name: string;
  valid: boolean;
  /** Another session is at it. */
  building: boolean;
}

/** To be noted before the statement is begun, for `outcomeOf`. */
export async function snapshotBefore(client: Client, alone: NonTransactional): Promise<string[]> {
  if (alone.kind === "create-index") {
    return (await indexesOf(client, alone)).map(({ oid }) => oid);
  }
  if (alone.kind === "reindex") return (await leftoversOfReindex(client)).map(({ oid }) => oid);
  return [];
}

/** What has become of a statement that was begun; `seen` is what `snapshotBefore` saw. */
export async function outcomeOf(
  client: Client,
  alone: NonTransactional,
  seen: string[],
): Promise<Outcome> {
  switch (alone.kind) {
    case "create-index": {
      const made = (await indexesOf(client, alone)).filter(({ oid }) => !seen.includes(oid));
      const valid = made.filter((index) => index.valid);
      // Without a name in the statement, an index that somebody else made meanwhile looks the same.
      if (alone.index === undefined && made.length > 1) return "unclear";
      return valid.length > 0 ? "done" : "repeat";
    }
    case "drop-index":
      return (await exists(client, alone.index)) ? "repeat" : "done";
    case "detach-partition":
      return (await isPartition(client, alone)) ? "repeat" : "done";
    case "create":
      return (await isNamed(client, alone)) ? "done" : "repeat";
    case "drop":
      return (await isNamed(client, alone)) ? "repeat" : "done";
    case "reindex":
    case "repeatable":
      return "repeat";
    case "opaque":
      return "unclear";
  }
}

/**
 * Drops what the statement would trip over, left by a build that was broken off: an invalid index of
 * its name, or (`seen` given) one that it made itself. Names what it dropped.
 */
export async function dropLeftovers(
  client: Client,
  alone: NonTransactional,
  seen: string[] | undefined,
): Promise<string[]> {
  const made = ({ oid }: Index) => seen !== undefined && !seen.includes(oid);
  let leftovers: Index[] = [];
  if (alone.kind === "create-index") {
    const named = alone.index !== undefined;
    leftovers = (await indexesOf(client, alone)).filter(
      (index) => !index.valid && !index.building && (named || made(index)),
    );
  } else if (alone.kind === "reindex") {
    leftovers = (await leftoversOfReindex(client)).filter(
      (index) => !index.building && made(index),
    );
  }
  for (const { name } of leftovers) await client.query(`drop index concurrently if exists ${name}`);
  return leftovers.map(({ name }) => name);
}

/** A detach that was broken off in its second half can only be completed. */
export async function isHalfDetached(client: Client, alone: NonTransactional): Promise<boolean> {
  if (alone.kind !== "detach-partition") return false;
  const { rows } = await client.query(
    `select 1 from pg_inherits
     where inhparent = to_regclass($1) and inhrelid = to_regclass($2) and inhdetachpending`,
    [alone.table, alone.partition],
  );
  return rows.length > 0;
}

/** Of the table; where the statement names its index, only that. */
async function indexesOf(
  client: Client,
  { table, index }: Extract<NonTransactional, { kind: "create-index" }>,
): Promise<Index[]> {
  const { rows } = await client.query<Index>(
    `${selectIndexes}
     where i.indrelid = to_regclass($1) and ($2::text is null or c.relname = $2)`,
    [table, index ?? null],
  );
  return rows;
}

async function leftoversOfReindex(client: Client): Promise<Index[]> {
  const { rows } = await client.query<Index>(
    `${selectIndexes} where not i.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$'
       and n.nspname <> 'pg_toast'`,
  );
  return rows;
}

const selectIndexes = `
  select c.oid::text as oid, format('%I.%I', n.nspname, c.relname) as name, i.indisvalid as valid,
    exists (select from pg_stat_progress_create_index p where p.index_relid = c.oid) as building
  from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace`;

async function exists(client: Client, relation: string): Promise<boolean> {
  const { rows } = await client.query("select to_regclass($1) as found", [relation]);
  return rows[0]?.found !== null;
}

async function isPartition(
  client: Client,
  { table, partition }: Extract<NonTransactional, { kind: "detach-partition" }>,
): Promise<boolean> {
  const { rows } = await client.query(
    "select 1 from pg_inherits where inhparent = to_regclass($1) and inhrelid = to_regclass($2)",
    [table, partition],
  );
  return rows.length > 0;
}

const nameColumn: Record<NamedCatalog, string> = {
  pg_database: "datname",
  pg_tablespace: "spcname",
  pg_subscription: "subname",
};

async function isNamed(
  client: Client,
  { catalog, name }: { catalog: NamedCatalog; name: string },
): Promise<boolean> {
  const { rows } = await client.query(
    `select 1 from pg_catalog.${catalog} where ${nameColumn[catalog]} = $1`,
    [name],
  );
  return rows.length > 0;
}

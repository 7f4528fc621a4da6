import type { Client } from "pg";
import type { BatchedUpdate } from "../../sql/batches.ts";
import type { Attempt, MigratorSession } from "./migrator-session.ts";
import { committedSoFar } from "./pending.ts";
import { interrupted } from "./session.ts";

/** Of the table's blocks of 8 kB, how many a batch looks at: as many as take it about so long. */
const blocks = { first: 16, most: 64 };
const milliseconds = { short: 25, long: 75 };

/** A row that somebody else moves to a place that was looked at already is met by the next pass. */
const mostPasses = 5;

/**
 * Carries an UPDATE out piece by piece of the table, in the order in which its rows lie there, so that it needs no key.
 * Each batch is committed: nobody waits for a row longer than that takes, and a run that dies loses nothing, as the
 * next one finds the rest by the statement's own condition. What is left is the statement's itself.
 */
export async function fillInBatches(
  session: MigratorSession,
  { freshSession, work: { migration, step } }: Attempt,
  update: BatchedUpdate,
): Promise<void> {
  const { client, run } = session;
  await client.query(freshSession);
  if (step.settings !== "") await client.query(step.settings);
  const signal = () => {
    if (!run.lockWait.signal.aborted) return;
    const how = `${migration.name} is filled in part; ${committedSoFar(session.committed)}`;
    throw interrupted(run, how, true);
  };
  let rows = 0;
  try {
    let last = Number.POSITIVE_INFINITY;
    for (let passes = 0; passes < mostPasses; passes += 1) {
      const changed = await onePass(client, update, signal);
      rows += changed;
      // A row whose new value is null, too, would be met for ever.
      if (changed === 0 || changed >= last) break;
      last = changed;
    }
  } catch (error) {
    // It counts from the beginning of a text that the file does not have.
    if (error instanceof Error) Object.assign(error, { position: undefined });
    throw error;
  } finally {
    if (rows > 0) {
      run.observe({ kind: "filled", migration: migration.name, table: update.table, rows });
    }
  }
}

async function onePass(
  client: Client,
  update: BatchedUpdate,
  beforeEach: () => void,
): Promise<number> {
  const end = await blocksOf(client, update.table);
  let rows = 0;
  let size = blocks.first;
  for (let from = 0; from < end; ) {
    beforeEach();
    const began = performance.now();
    const { rowCount } = await client.query(batch(update, from, from + size));
    rows += rowCount ?? 0;
    from += size;
    const took = performance.now() - began;
    if (took < milliseconds.short) size = Math.min(size * 2, blocks.most);
    else if (took > milliseconds.long) size = Math.max(Math.floor(size / 2), 1);
  }
  return rows;
}

function batch({ condition, head, qualifier }: BatchedUpdate, from: number, to: number): string {
  // A comment may end the condition.
  return `${head}where (${condition}\n) and ${qualifier}.ctid >= '(${from},0)'::tid and ${qualifier}.ctid < '(${to},0)'::tid`;
}

/** Of the table, or of the largest of those that its rows are in. */
async function blocksOf(client: Client, table: string): Promise<number> {
  const { rows } = await client.query<{ blocks: number }>(
    `with recursive tables (oid) as (
       select to_regclass($1)::oid
       union
       select i.inhrelid from pg_catalog.pg_inherits i join tables t on i.inhparent = t.oid)
     select ceil(coalesce(max(pg_catalog.pg_relation_size(oid)), 0)
       / current_setting('block_size')::numeric)::int as blocks from tables`,
    [table],
  );
  return rows[0]?.blocks ?? 0;
}

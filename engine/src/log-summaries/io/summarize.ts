import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { parseLsn } from "../../model/lsn.ts";

/** A checkpoint lets the server summarize what there is of its log; it does so within milliseconds. */
const withinMs = 15_000;
const betweenLooksMs = 5;

/** Has a server summarize its log up to a position; whether it is summarized from the other on without a gap then. */
export async function summarize(client: pg.Client, since: string, upTo: string): Promise<boolean> {
  const { rows } = await client.query<{ on: boolean }>(
    "select coalesce(current_setting('summarize_wal', true), 'off') = 'on' as on",
  );
  if (!rows[0]?.on) return false;
  const wanted = positionOf(upTo);
  const deadline = Date.now() + withinMs;
  for (let isAsked = false; ; isAsked = true) {
    const reached = await summarizedUpTo(client, since);
    if (reached === undefined) return false;
    if (reached >= wanted) return true;
    if (Date.now() > deadline) return false;
    if (isAsked) await sleep(betweenLooksMs);
    else await client.query("checkpoint");
  }
}

/** Up to where the log is summarized without a gap; undefined where there is one. */
async function summarizedUpTo(client: pg.Client, since: string): Promise<bigint | undefined> {
  const { rows } = await client.query<{ start_lsn: string; end_lsn: string }>(
    `select start_lsn, end_lsn from pg_available_wal_summaries()
     where end_lsn > $1 order by start_lsn, end_lsn`,
    [since],
  );
  let reached = positionOf(since);
  for (const { start_lsn: start, end_lsn: end } of rows) {
    if (positionOf(start) > reached) return undefined;
    if (positionOf(end) > reached) reached = positionOf(end);
  }
  return reached;
}

const positionOf = (lsn: string): bigint => parseLsn(lsn) ?? 0n;

import { setTimeout as sleep } from "node:timers/promises";
import type { Connect } from "../../../postgres/io/session.ts";
import { sessionColumns } from "../../ledger/io/lock.ts";
import type { Blocker } from "../../ledger/session.ts";

/** Before lock_timeout strikes, so that the wait is seen while it lasts. */
const firstLook = 600;
const nextLook = 500;
/** A wait that lasts is worth a word, and now and then another one. */
const firstWord = 2000;
const nextWord = 15_000;

export interface BlockerWatch {
  /** Whoever was seen blocking last. */
  readonly blockers: Blocker[];
  /** Ends the watch, and its connection. */
  stop(): Promise<void>;
}

/**
 * Looks, from a second connection, at who makes a session wait; once a lock request has failed the
 * server no longer knows. Opens the connection only when the session is busy for a while.
 *
 * @param onWait told when the wait has lasted for a while, and again as it goes on
 */
export function watchBlockers(
  connect: Connect,
  pid: number,
  onWait: (blockers: Blocker[]) => void,
): BlockerWatch {
  const done = new AbortController();
  let seen: Blocker[] = [];
  const watch = async () => {
    await sleep(firstLook, undefined, { signal: done.signal });
    const client = await connect("ds migrate (watching)");
    let wordDue: number | undefined;
    try {
      while (!done.signal.aborted) {
        const { rows } = await client.query<Blocker>(
          `select ${sessionColumns}, left(regexp_replace(coalesce(a.query, ''), '\\s+', ' ', 'g'), 80) as query
           from pg_stat_activity a where a.pid = any(pg_blocking_pids($1))`,
          [pid],
        );
        if (rows.length === 0) wordDue = undefined;
        else {
          seen = rows;
          wordDue ??= Date.now() + firstWord;
          if (Date.now() >= wordDue) {
            wordDue = Date.now() + nextWord;
            onWait(rows);
          }
        }
        await sleep(nextLook, undefined, { signal: done.signal });
      }
    } finally {
      await client.end();
    }
  };
  // To name the blocker is a courtesy: that it cannot be named is no reason to fail.
  const watching = watch().catch(() => undefined);
  return {
    get blockers() {
      return seen;
    },
    stop: async () => {
      done.abort();
      await watching;
    },
  };
}

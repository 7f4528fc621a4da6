import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import type { Connect } from "../../../postgres/io/session.ts";
import { isServerError } from "../../../postgres/server-error.ts";
import type { SendSql } from "../../run/io/session.ts";
import { type StatementReport, touchedTables } from "../effects.ts";
import { type BlockedQuery, type LoadReport, noticeableWait } from "../load-report.ts";
import { findLoadTables, type LoadQuery } from "./load-tables.ts";
import { byStatement, type Running } from "./measure.ts";

export interface Load {
  /** For the migrator: tells the load which statement runs. */
  send: SendSql;
  /** Ends the load and says what it noticed. */
  stop(): Promise<LoadReport>;
}

const loadName = "ds rehearsal load";
/** Queries a second in all, so that the load leaves the machine to the migration. */
const queriesASecond = 600;
const warmUpMs = 400;
const lookEvery = 8;

interface Waiting {
  session: number;
  since: string;
  waited: number;
  kind: string;
  table: string;
}

/**
 * Readers and writers on the tables that migrations touch and those tied to them by a foreign key, until
 * `stop`.
 *
 * @param statements what the migrations did without load
 */
export async function startLoad(
  connect: Connect,
  statements: readonly StatementReport[],
): Promise<Load> {
  const observer = await connect("ds rehearsal (observing)");
  const { tables, leftOut, deadlocksBefore } = await beforeLoad(observer, statements).catch(
    async (error) => {
      await observer.end().catch(() => undefined);
      throw error;
    },
  );
  const workers = tables.flatMap(({ oid, queries }) =>
    queries.map((query) => ({ ...query, tableOid: oid })),
  );
  const state = new LoadState(Math.max(5, (1000 * workers.length) / queriesASecond));
  const working = workers.map((worker) =>
    work(connect, state, worker).catch((error) => state.failed.push(error)),
  );
  await sleep(warmUpMs);
  const threshold = noticeableWait(state.undisturbed);
  state.warm = true;
  const observing = observe(observer, state).catch((error) => state.failed.push(error));

  return {
    send: byStatement(async (_, running, sendOne) => {
      state.running = running;
      try {
        await sendOne();
        // Before the commit whoever came meanwhile still waits: also of a short lock nobody is missed.
        const ended = performance.now();
        const waits = await waiting(observer);
        noteWaits(state, running, waits, performance.now() - ended);
      } finally {
        state.running = undefined;
      }
    }),
    stop: async () => {
      state.stopped = true;
      await Promise.all([...working, observing]);
      const deadlocks = (await deadlockCount(observer)) - deadlocksBefore;
      await observer.end();
      const [failure] = state.failed;
      if (failure !== undefined) throw failure;
      const blocked = [...state.waits.values()]
        .map(blockedQuery)
        .filter(
          (wait) => wait.waitedMs >= threshold({ worksOnRows: worksOnRows(statements, wait) }),
        );
      return {
        tables: tables.map(({ name }) => name),
        leftOut,
        queries: state.queries,
        blocked,
        longestWaitMs: Math.max(0, ...blocked.map(({ waitedMs }) => waitedMs)),
        deadlocks,
        thresholdMs: threshold({ worksOnRows: false }),
      };
    },
  };
}

async function beforeLoad(observer: Client, statements: readonly StatementReport[]) {
  const found = await findLoadTables(observer, touchedTables(statements));
  return { ...found, deadlocksBefore: await deadlockCount(observer) };
}

function worksOnRows(statements: readonly StatementReport[], { migration, line }: BlockedQuery) {
  const found = statements.find((each) => each.migration === migration && each.line === line);
  return found === undefined || found.rewritten.length > 0 || found.scanned.length > 0;
}

interface Wait extends Pick<Waiting, "table" | "kind" | "waited"> {
  /** Milliseconds of it by statement. */
  shares: Map<Running, number>;
}

class LoadState {
  stopped = false;
  warm = false;
  running: Running | undefined;
  queries = 0;
  /** Milliseconds of queries of the time before the migration. */
  readonly undisturbed: number[] = [];
  /** By session and begin of the wait. */
  readonly waits = new Map<string, Wait>();
  readonly failed: unknown[] = [];
  /** Milliseconds between two queries of a worker, on average. */
  readonly pause: number;

  constructor(pause: number) {
    this.pause = pause;
  }
}

type Worker = LoadQuery & { tableOid: number };

/** One session that repeats one query. A statement that the server refuses is tried again later. */
async function work(connect: Connect, state: LoadState, worker: Worker): Promise<void> {
  // Tells the observer what waits, without a look at the query.
  const client = await connect(`${loadName} ${worker.kind} ${worker.tableOid}`);
  try {
    await sleep(Math.random() * state.pause);
    while (!state.stopped) {
      const started = performance.now();
      await client.query(worker.sql).catch(async (error) => {
        // The migration may have dropped what the query asks for, or it was a deadlock's victim.
        if (!isServerError(error)) throw error;
        await client.query("rollback");
      });
      state.queries += 1;
      if (!state.warm) state.undisturbed.push(performance.now() - started);
      await sleep(state.pause * (0.5 + Math.random()));
    }
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Counts a wait for as long as a statement runs: the lock of a statement that is over, held until the
 * commit that follows at once, is nothing that could be written better.
 */
async function observe(client: Client, state: LoadState): Promise<void> {
  while (!state.stopped) {
    const running = state.running;
    if (running !== undefined) {
      const waits = await waiting(client);
      if (state.running === running) noteWaits(state, running, waits, 0);
    }
    await sleep(lookEvery);
  }
}

/** @param since milliseconds since the statement ended, at most: they are not its fault */
function noteWaits(state: LoadState, running: Running, waits: Waiting[], since: number): void {
  for (const { session, since: began, table, kind, waited } of waits) {
    const key = `${session} ${began}`;
    const wait = state.waits.get(key) ?? { table, kind, waited: 0, shares: new Map() };
    const more = Math.max(0, waited - since - wait.waited);
    wait.waited += more;
    wait.shares.set(running, (wait.shares.get(running) ?? 0) + more);
    state.waits.set(key, wait);
  }
}

/** Put down to the statement during which it lasted longest. */
function blockedQuery({ table, kind, waited, shares }: Wait): BlockedQuery {
  const [[running] = []] = [...shares].sort(([, a], [, b]) => b - a);
  return {
    table,
    kind: kind === "write" ? "write" : "read",
    waitedMs: Math.round(waited),
    migration: running?.migration.name ?? "",
    line: running?.line ?? 0,
  };
}

async function waiting(client: Client): Promise<Waiting[]> {
  const { rows } = await client.query<Waiting>(
    `select l.pid as session, l.waitstart::text as since,
       (extract(epoch from clock_timestamp() - l.waitstart) * 1000)::float8 as waited,
       split_part(a.application_name, ' ', 4) as kind,
       coalesce(c.relname, 'a dropped table') as table
     from pg_catalog.pg_locks l
     join pg_catalog.pg_stat_activity a on a.pid = l.pid
     left join pg_catalog.pg_class c on c.oid::text = split_part(a.application_name, ' ', 5)
     where not l.granted and l.waitstart is not null and a.application_name like '${loadName} %'`,
  );
  return rows;
}

async function deadlockCount(client: Client): Promise<number> {
  await client.query("select pg_stat_force_next_flush()");
  await client.query("select pg_stat_clear_snapshot()");
  const { rows } = await client.query(
    "select deadlocks::float8 as count from pg_catalog.pg_stat_database where datname = current_database()",
  );
  return rows[0]?.count ?? 0;
}

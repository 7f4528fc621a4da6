import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { sql } from "./branches.ts";

const accounts = 50;
const balance = 1000;

/** Tables with invariants: transfers keep the sum, and every transaction has a number of its own. */
export async function makeLedger(uri: string): Promise<void> {
  await sql(
    uri,
    `create table accounts (id int primary key, balance int not null, pad text not null);
     insert into accounts select n, ${balance}, repeat('x', 200) from generate_series(1, ${accounts}) n;
     create table ledger (n int primary key, at timestamptz not null default clock_timestamp(), pad text not null);
     create index on ledger (at);
     create unlogged table scratch (n int);`,
  );
}

/**
 * Applications at work on one branch, each on one connection that must never fail. The numbers tell
 * what a copy has to hold: all that was acknowledged before it was asked for, and none that was begun
 * after it was there.
 */
export class Load {
  readonly acknowledged: number[] = [];
  readonly errors: string[] = [];
  /** Numbers up to this one have been begun. */
  begun = 0;
  longestPauseMs = 0;
  #isOver = false;
  readonly #working: Promise<void>[];

  constructor(uri: string, writers = 4) {
    this.#working = Array.from({ length: writers }, () => this.#write(uri));
    this.#working.push(this.#churn(uri));
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#working);
  }

  async #session(uri: string, turn: (client: pg.Client) => Promise<void>): Promise<void> {
    const client = new pg.Client(uri);
    client.on("error", (error) => this.errors.push(error.message));
    try {
      await client.connect();
      while (!this.#isOver) {
        const from = Date.now();
        await turn(client);
        this.longestPauseMs = Math.max(this.longestPauseMs, Date.now() - from);
        await sleep(2); // Waits for nothing: as applications pause.
      }
      await client.end();
    } catch (error) {
      this.errors.push((error as Error).message);
    }
  }

  #write(uri: string): Promise<void> {
    return this.#session(uri, async (client) => {
      this.begun += 1;
      const n = this.begun;
      const amount = n % 17;
      // In the order of their numbers, so that two transfers never wait for each other.
      const [low, high] = [1 + (n % (accounts - 1)), accounts];
      await client.query("begin");
      await client.query("update accounts set balance = balance - $2 where id = $1", [low, amount]);
      await client.query("insert into ledger (n, pad) values ($1, $2)", [n, "p".repeat(n % 1500)]);
      await client.query("update accounts set balance = balance + $2 where id = $1", [
        high,
        amount,
      ]);
      await client.query("commit");
      this.acknowledged.push(n);
    });
  }

  /** Files that come, grow, shrink and go while they are copied. */
  #churn(uri: string): Promise<void> {
    return this.#session(uri, async (client) => {
      await client.query(
        `drop table if exists churn;
         create table churn as select n, md5(n::text) as text from generate_series(1, 3000) n;
         create index on churn (text);
         delete from churn where n % 2 = 0`,
      );
      await client.query("vacuum churn");
      await client.query("truncate scratch");
      await client.query("insert into scratch select generate_series(1, 500)");
    });
  }
}

export interface Mark {
  /** How many numbers had been acknowledged, and how many begun. */
  acknowledged: number;
  begun: number;
}

/** What is wrong with a copy's contents; empty when nothing is. */
export async function contradictions(
  uri: string,
  load: Pick<Load, "acknowledged">,
  asked: Mark,
  answered: Mark,
): Promise<string[]> {
  const [row] = await sql<{ sum: string; numbers: number[] }>(
    uri,
    `select (select sum(balance) from accounts)::text as sum,
            (select coalesce(array_agg(n), '{}') from ledger) as numbers`,
  );
  const found: string[] = [];
  if (row?.sum !== String(accounts * balance)) found.push(`the sum is ${row?.sum}`);
  const numbers = new Set(row?.numbers);
  const lost = load.acknowledged.slice(0, asked.acknowledged).filter((n) => !numbers.has(n));
  if (lost.length > 0) found.push(`acknowledged before, and lost: ${lost.join(", ")}`);
  const early = [...numbers].filter((n) => n > answered.begun);
  if (early.length > 0) found.push(`begun after it was made: ${early.join(", ")}`);
  return found;
}

/** What Postgres' own checker says of every table and index; empty when all is sound. */
export async function corruption(adminUri: string): Promise<string[]> {
  await sql(adminUri, "create extension if not exists amcheck");
  const rows = await sql<{ what: string }>(
    adminUri,
    `select c.oid::regclass || ': ' || h.msg as what
     from pg_class c join pg_am a on a.oid = c.relam and a.amname = 'heap'
     cross join lateral verify_heapam(c.oid) h
     where c.relkind in ('r', 't', 'm') and c.relpersistence = 'p'`,
  );
  await sql(
    adminUri,
    `select bt_index_check(c.oid, heapallindexed => true)
     from pg_class c join pg_am a on a.oid = c.relam and a.amname = 'btree'
     join pg_index i on i.indexrelid = c.oid
     where c.relkind = 'i' and c.relpersistence = 'p' and i.indisvalid and i.indisready`,
  );
  return rows.map(({ what }) => what);
}

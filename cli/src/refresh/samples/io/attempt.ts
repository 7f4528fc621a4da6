import type { Client } from "pg";
import { codeOf } from "../../../errors/code-of.ts";
import { sqlState } from "../../../postgres/sqlstate.ts";

export type Asks = Pick<Client, "query">;

/** What a look may take, so that a large table or somebody's lock holds nothing up; of a lock 0 is any time. */
export interface Patience {
  statementMs: number;
  lockMs: number;
}

export const usualPatience: Patience = { statementMs: 5000, lockMs: 1000 };

/** Why the server failed: no sentence of its own, as that may have a value in it. */
export interface Failed {
  sqlState: string;
  /** The constraint that was violated. */
  constraint: string | undefined;
}

/** Something that the server may fail at, inside of a transaction that goes on afterwards as if it had not been. */
export async function attempt<T>(
  client: Asks,
  work: () => Promise<T>,
  { statementMs, lockMs } = usualPatience,
): Promise<{ value: T } | Failed> {
  await client.query(
    `savepoint ds_sample; set local statement_timeout = ${Math.ceil(statementMs)}; set local lock_timeout = ${lockMs}`,
  );
  try {
    const value = await work();
    await client.query("rollback to savepoint ds_sample");
    return { value };
  } catch (error) {
    const code = codeOf(error) ?? "";
    if (!/^[0-9A-Z]{5}$/.test(code)) throw error;
    await client.query("rollback to savepoint ds_sample");
    return { sqlState: code, constraint: (error as { constraint?: string }).constraint };
  } finally {
    await client.query("release savepoint ds_sample").catch(() => {});
  }
}

/** A transaction for the work, where the session is in none. */
export async function inTransaction<T>(client: Asks, work: () => Promise<T>): Promise<T> {
  const began = await client
    .query("savepoint ds_begun; release savepoint ds_begun")
    .then(() => false)
    .catch(async (error: unknown) => {
      if (codeOf(error) !== sqlState.noActiveSqlTransaction) throw error;
      await client.query("begin read only");
      return true;
    });
  try {
    return await work();
  } finally {
    if (began) await client.query("rollback").catch(() => {});
  }
}

import { connect } from "node:net";
import pg from "pg";
import { requestCodes } from "../../postgres/wire-messages.ts";
import { Refusal, type SqlTarget } from "../target.ts";

/** As on Neon; a compute allows 50 connections in all. */
const sessionsPerEndpoint = 20;

/**
 * Postgres sessions for `POST /sql`: one a request, so that nothing of a request can be left for the
 * next one. Requests beyond an endpoint's share wait for their turn.
 */
export class SqlSessions {
  readonly #busy = new Map<number, number>();
  readonly #waiting = new Map<number, (() => void)[]>();

  /**
   * Logs in, runs `work` and logs out. When `signal` aborts (the client has gone) the statement that
   * runs is cancelled. The connection goes by the endpoint's own address: that wakes the compute,
   * waits for a restore and counts as activity, as any client's does.
   */
  async run<T>(
    target: SqlTarget,
    signal: AbortSignal,
    work: (client: pg.Client) => Promise<T>,
  ): Promise<T> {
    await this.#takeTurn(target.port);
    try {
      signal.throwIfAborted();
      const client = await logIn(target);
      const cancel = () => cancelStatement(target.port, client);
      signal.addEventListener("abort", cancel);
      try {
        return await work(client);
      } catch (error) {
        if (error instanceof pg.DatabaseError) throw error;
        const isLost = client.connection.stream.destroyed;
        // The statement may still be running (too many rows) and would hold up the log-out.
        cancel();
        client.connection.stream.destroy();
        throw isLost ? lost(error) : error;
      } finally {
        signal.removeEventListener("abort", cancel);
        void client.end().catch(() => {});
      }
    } finally {
      this.#endTurn(target.port);
    }
  }

  async #takeTurn(port: number): Promise<void> {
    const busy = this.#busy.get(port) ?? 0;
    if (busy < sessionsPerEndpoint) {
      this.#busy.set(port, busy + 1);
      return;
    }
    const waiting = this.#waiting.get(port) ?? [];
    this.#waiting.set(port, waiting);
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  /** Hands the turn to whoever waits longest, or gives it back. */
  #endTurn(port: number): void {
    const next = this.#waiting.get(port)?.shift();
    if (next) {
      next();
      return;
    }
    this.#waiting.delete(port);
    const busy = (this.#busy.get(port) ?? 1) - 1;
    if (busy === 0) this.#busy.delete(port);
    else this.#busy.set(port, busy);
  }
}

async function logIn(target: SqlTarget): Promise<pg.Client> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port: target.port,
    user: target.role,
    password: target.password,
    database: target.database,
    ssl: false,
    ...(target.applicationName && { application_name: target.applicationName }),
  });
  // A connection that breaks fails the statement; without a listener it would end the engine.
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (error) {
    throw error instanceof pg.DatabaseError ? error : lost(error);
  }
  return client;
}

function lost(error: unknown): Refusal {
  return new Refusal(`the connection to Postgres was lost: ${(error as Error).message}`, 500);
}

/** Sends Postgres' own cancel request, on a connection of its own as the protocol has it. */
function cancelStatement(port: number, client: pg.Client): void {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
  const packet = Buffer.alloc(16);
  packet.writeInt32BE(16, 0);
  packet.writeInt32BE(requestCodes.cancel, 4);
  packet.writeInt32BE(processID, 8);
  packet.writeInt32BE(secretKey, 12);
  const socket = connect({ port, host: "127.0.0.1" }, () => socket.end(packet));
  socket.on("error", () => {});
}

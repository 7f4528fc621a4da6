import type { Socket } from "node:net";
import pg from "pg";
import { withDeadline } from "../../lib/io/with-deadline.ts";

export const adminRole = "cloud_admin";

export interface AdminAddress {
  port: number;
  password: string;
}

/**
 * What clients choose for a branch, or a database of it, must not break the engine's own work there;
 * and a superuser must not run functions that somebody put into the search path.
 */
const ownSession = [
  "default_transaction_read_only=off",
  "statement_timeout=0",
  "lock_timeout=0",
  "idle_session_timeout=0",
  // A branch may name standbys that it does not have: a commit would wait for them for ever.
  "synchronous_commit=local",
  "search_path=pg_catalog",
]
  .map((setting) => `-c ${setting}`)
  .join(" ");

const connectWithinMs = 30_000;
const endWithinMs = 5000;

/**
 * Runs `work` on a connection as the superuser that only the engine knows the password of.
 *
 * @param answerWithinMs how long a query may take: for the engine's own rounds, which nothing may end
 */
export async function asAdmin<T>(
  address: AdminAddress,
  database: string,
  work: (client: pg.Client) => Promise<T>,
  answerWithinMs?: number,
): Promise<T> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port: address.port,
    user: adminRole,
    password: address.password,
    database,
    application_name: "ds engine",
    options: ownSession,
    connectionTimeoutMillis: answerWithinMs ?? connectWithinMs,
    ...(answerWithinMs === undefined ? {} : { query_timeout: answerWithinMs }),
  });
  // A server that stops under an idle connection must not take the engine down with it.
  client.on("error", () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await endOf(client);
  }
}

/** A server that stands still does not say goodbye. */
async function endOf(client: pg.Client): Promise<void> {
  await withDeadline(
    endWithinMs,
    client.end().catch(() => {}),
  );
  const { connection } = client as unknown as { connection: { stream: Socket } };
  connection.stream.destroy();
}

export const quoteIdentifier = (name: string) => pg.escapeIdentifier(name);
export const quoteLiteral = (text: string) => pg.escapeLiteral(text);

import pg from "pg";

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
  "search_path=pg_catalog",
]
  .map((setting) => `-c ${setting}`)
  .join(" ");

/** Runs `work` on a connection as the superuser that only the engine knows the password of. */
export async function asAdmin<T>(
  address: AdminAddress,
  database: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port: address.port,
    user: adminRole,
    password: address.password,
    database,
    application_name: "ds engine",
    options: ownSession,
  });
  // A server that stops under an idle connection must not take the engine down with it.
  client.on("error", () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

export const quoteIdentifier = (name: string) => pg.escapeIdentifier(name);
export const quoteLiteral = (text: string) => pg.escapeLiteral(text);

/** Whether the session ended because its server did: stopped for another request, or crashed. */
export function lostServer(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code = "" } = error as { code?: string };
  // 57P01 to 57P03: admin_shutdown, crash_shutdown, cannot_connect_now.
  return (
    /^57P0[123]$|^ECONNRE(FUSED|SET)$|^EPIPE$/.test(code) ||
    error.message.startsWith("Connection terminated")
  );
}

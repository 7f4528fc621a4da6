import pg from "pg";

export const adminRole = "cloud_admin";

export interface AdminAddress {
  port: number;
  password: string;
}

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

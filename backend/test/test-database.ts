import { randomBytes } from "node:crypto";
import path from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import { Client } from "pg";
import type { TestServer } from "./test-server.ts";

export interface TestDatabase {
  url: string;
  drop: () => Promise<void>;
}

/** A new, empty database next to the server's own. */
export async function createDatabase(server: TestServer): Promise<TestDatabase> {
  const name = `backend_test_${randomBytes(6).toString("hex")}`;
  await query(server.url, `CREATE DATABASE ${name}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await query(server.url, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

export async function applyMigrations(url: string): Promise<void> {
  await withClient(url, (client) =>
    migrate(drizzle(client), { migrationsFolder: path.join(import.meta.dirname, "../drizzle") }),
  );
}

// biome-ignore lint/suspicious/noExplicitAny: rows have whatever shape the test's own SQL gives them
export async function query(url: string, sql: string): Promise<any[]> {
  return withClient(url, async (client) => (await client.query(sql)).rows);
}

export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

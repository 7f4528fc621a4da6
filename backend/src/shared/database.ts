import { drizzle, type NodePgQueryResultHKT } from "drizzle-orm/node-postgres";
import type { PgDatabase } from "drizzle-orm/pg-core";
import { Pool } from "pg";

/** The database itself or one transaction of it: repositories work with either. */
export type Database = PgDatabase<NodePgQueryResultHKT>;

export interface Connection {
  database: Database;
  close: () => Promise<void>;
}

export function connect(url: string): Connection {
  const pool = new Pool({
    connectionString: url,
    application_name: "backend",
    // Longer than a suspended database takes to wake up.
    connectionTimeoutMillis: 15_000,
    max: 10,
  });
  // A suspended or restored database drops idle connections; the pool opens new ones by itself.
  pool.on("error", (error) => console.error(`database connection lost: ${error.message}`));
  return { database: drizzle(pool), close: () => pool.end() };
}

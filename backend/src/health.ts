import { sql } from "drizzle-orm";
import { Hono } from "hono";
import type { Database } from "./shared/database.ts";

/** Answers 200 only when the database answered, and says which one did. */
export function healthRoutes(database: Database): Hono {
  return new Hono().get("/health", async (c) => {
    try {
      const { rows } = await database.execute<{ database: string; branch: string | null }>(
        sql`SELECT current_database() AS database, current_setting('neon.branch_id', true) AS branch`,
      );
      return c.json({ status: "ok", ...rows[0] });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      console.error(`health: ${cause instanceof Error ? cause.message : String(cause)}`);
      return c.json({ status: "unavailable", message: "The database does not answer." }, 503);
    }
  });
}

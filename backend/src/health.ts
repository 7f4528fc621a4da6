import { sql } from "drizzle-orm";
import { Hono } from "hono";
import type { Database } from "./shared/database.ts";
import { loggable } from "./shared/errors.ts";

/** Answers 200 only when the database answered, and says which one did. */
export function healthRoutes(database: Database): Hono {
  return new Hono().get("/health", async (c) => {
    try {
      const { rows } = await database.execute<{ database: string; branch: string | null }>(
        sql`SELECT current_database() AS database, current_setting('neon.branch_id', true) AS branch`,
      );
      return c.json({ status: "ok", ...rows[0] });
    } catch (error) {
      console.error(`health: ${loggable(error)}`);
      return c.json({ status: "unavailable", message: "The database does not answer." }, 503);
    }
  });
}

import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: "./src/modules/*/infrastructure/persistence/*.sql-entity.ts",
  out: "./drizzle",
  // Only `drizzle-kit migrate`, `studio` and the like connect; `generate` never does.
  dbCredentials: { url: process.env.DATABASE_URL ?? "" },
});

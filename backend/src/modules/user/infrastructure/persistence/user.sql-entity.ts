import { bigint, pgTable, text, timestamp } from "drizzle-orm/pg-core";

/** A person. Name, e-mail and phone are personal data. */
export const users = pgTable("users", {
  id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
  fullName: text("full_name").notNull(),
  email: text().notNull().unique(),
  phone: text(),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
});

import { integer, pgTable, text } from "drizzle-orm/pg-core";

/** Reference data: the same few rows in every environment, owned by no organization. */
export const plans = pgTable("plans", {
  code: text().primaryKey(),
  name: text().notNull(),
  maxMembers: integer("max_members").notNull(),
  monthlyPriceCents: integer("monthly_price_cents").notNull(),
});

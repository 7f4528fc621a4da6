import { index, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { plans } from "./plan.sql-entity.ts";

/** The tenant. Its key is readable (`org_demo`) because people type it on command lines. */
export const organizations = pgTable(
  "organizations",
  {
    id: text().primaryKey(),
    name: text().notNull(),
    planCode: text("plan_code")
      .notNull()
      .references(() => plans.code),
    billingEmail: text("billing_email").notNull(),
    settings: jsonb().$type<OrganizationSettings>().notNull().default({}),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [index("organizations_plan_code_index").on(table.planCode)],
);

export interface OrganizationSettings {
  timezone?: string;
  weekStart?: "monday" | "sunday";
}

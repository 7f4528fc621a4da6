import { bigint, index, pgEnum, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";
import { users } from "../../../user/infrastructure/persistence/user.sql-entity.ts";
import { organizations } from "./organization.sql-entity.ts";

export const membershipRole = pgEnum("membership_role", ["owner", "member", "guest"]);

/** A user may belong to several organizations: users therefore carry no organization_id. */
export const memberships = pgTable(
  "memberships",
  {
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id, { onDelete: "cascade" }),
    userId: bigint("user_id", { mode: "number" })
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    role: membershipRole().notNull().default("member"),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.userId] }),
    index("memberships_user_id_index").on(table.userId),
  ],
);

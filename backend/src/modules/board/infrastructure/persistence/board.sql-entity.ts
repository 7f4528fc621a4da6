import { bigint, index, pgTable, text, timestamp, unique } from "drizzle-orm/pg-core";
import { organizations } from "../../../organization/infrastructure/persistence/organization.sql-entity.ts";
import { users } from "../../../user/infrastructure/persistence/user.sql-entity.ts";

export const boards = pgTable(
  "boards",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id, { onDelete: "cascade" }),
    name: text().notNull(),
    createdBy: bigint("created_by", { mode: "number" })
      .notNull()
      .references(() => users.id),
    archivedAt: timestamp("archived_at", { withTimezone: true }),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    unique("boards_organization_id_name_unique").on(table.organizationId, table.name),
    index("boards_created_by_index").on(table.createdBy),
  ],
);

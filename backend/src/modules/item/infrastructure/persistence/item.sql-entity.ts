import {
  bigint,
  date,
  index,
  jsonb,
  pgEnum,
  pgTable,
  smallint,
  text,
  timestamp,
} from "drizzle-orm/pg-core";
import { boards } from "../../../board/infrastructure/persistence/board.sql-entity.ts";
import { organizations } from "../../../organization/infrastructure/persistence/organization.sql-entity.ts";
import { users } from "../../../user/infrastructure/persistence/user.sql-entity.ts";
import type { CustomFields } from "../../domain/item.ts";

export const itemStatus = pgEnum("item_status", ["backlog", "in_progress", "review", "done"]);

export const items = pgTable(
  "items",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id, { onDelete: "cascade" }),
    boardId: bigint("board_id", { mode: "number" })
      .notNull()
      .references(() => boards.id, { onDelete: "cascade" }),
    title: text().notNull(),
    description: text().notNull().default(""),
    status: itemStatus().notNull().default("backlog"),
    /** 0 (whenever) to 3 (now). */
    priority: smallint().notNull().default(1),
    dueOn: date("due_on"),
    assigneeId: bigint("assignee_id", { mode: "number" }).references(() => users.id, {
      onDelete: "set null",
    }),
    createdBy: bigint("created_by", { mode: "number" })
      .notNull()
      .references(() => users.id),
    customFields: jsonb("custom_fields").$type<CustomFields>().notNull().default({}),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    index("items_organization_id_due_on_index").on(table.organizationId, table.dueOn),
    index("items_board_id_id_index").on(table.boardId, table.id),
    index("items_assignee_id_index").on(table.assigneeId),
    index("items_created_by_index").on(table.createdBy),
  ],
);

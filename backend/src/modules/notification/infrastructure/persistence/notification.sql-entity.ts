import { bigint, index, jsonb, pgEnum, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { comments } from "../../../comment/infrastructure/persistence/comment.sql-entity.ts";
import { items } from "../../../item/infrastructure/persistence/item.sql-entity.ts";
import { organizations } from "../../../organization/infrastructure/persistence/organization.sql-entity.ts";
import { users } from "../../../user/infrastructure/persistence/user.sql-entity.ts";
import type { NotificationPayload } from "../../domain/notification.ts";

export const notificationKind = pgEnum("notification_kind", ["item_assigned", "comment_added"]);

export const notifications = pgTable(
  "notifications",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id, { onDelete: "cascade" }),
    userId: bigint("user_id", { mode: "number" })
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    kind: notificationKind().notNull(),
    itemId: bigint("item_id", { mode: "number" })
      .notNull()
      .references(() => items.id, { onDelete: "cascade" }),
    commentId: bigint("comment_id", { mode: "number" }).references(() => comments.id, {
      onDelete: "cascade",
    }),
    payload: jsonb().$type<NotificationPayload>().notNull(),
    readAt: timestamp("read_at", { withTimezone: true }),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    index("notifications_organization_id_user_id_id_index").on(
      table.organizationId,
      table.userId,
      table.id,
    ),
    index("notifications_user_id_index").on(table.userId),
    index("notifications_item_id_index").on(table.itemId),
    index("notifications_comment_id_index").on(table.commentId),
  ],
);

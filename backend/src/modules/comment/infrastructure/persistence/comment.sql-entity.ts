import { type AnyPgColumn, bigint, index, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { items } from "../../../item/infrastructure/persistence/item.sql-entity.ts";
import { users } from "../../../user/infrastructure/persistence/user.sql-entity.ts";

/** Belongs to an organization only through its item. */
export const comments = pgTable(
  "comments",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    itemId: bigint("item_id", { mode: "number" })
      .notNull()
      .references(() => items.id, { onDelete: "cascade" }),
    authorId: bigint("author_id", { mode: "number" })
      .notNull()
      .references(() => users.id),
    /** The comment this one answers, of the same item; null starts a thread. */
    replyToId: bigint("reply_to_id", { mode: "number" }).references(
      (): AnyPgColumn => comments.id,
      { onDelete: "cascade" },
    ),
    body: text().notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    index("comments_item_id_id_index").on(table.itemId, table.id),
    index("comments_reply_to_id_index").on(table.replyToId),
    index("comments_author_id_index").on(table.authorId),
  ],
);

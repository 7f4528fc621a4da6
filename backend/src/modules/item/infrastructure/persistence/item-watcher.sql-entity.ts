import { bigint, index, pgTable, primaryKey } from "drizzle-orm/pg-core";
import { users } from "../../../user/infrastructure/persistence/user.sql-entity.ts";
import { items } from "./item.sql-entity.ts";

/** Who wants to hear of an item. Belongs to an organization only through the item. */
export const itemWatchers = pgTable(
  "item_watchers",
  {
    itemId: bigint("item_id", { mode: "number" })
      .notNull()
      .references(() => items.id, { onDelete: "cascade" }),
    userId: bigint("user_id", { mode: "number" })
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
  },
  (table) => [
    primaryKey({ columns: [table.itemId, table.userId] }),
    index("item_watchers_user_id_index").on(table.userId),
  ],
);

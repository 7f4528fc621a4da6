import { and, asc, desc, eq, lt } from "drizzle-orm";
import type { Database } from "../../../../shared/database.ts";
import { type Page, type PageRequest, toPage } from "../../../../shared/page.ts";
import type { ItemRepository } from "../../application/item.repository.ts";
import type { Item, NewItem } from "../../domain/item.ts";
import { items } from "./item.sql-entity.ts";
import { itemWatchers } from "./item-watcher.sql-entity.ts";

export class DrizzleItemRepository implements ItemRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(organizationId: string, itemId: number): Promise<Item | undefined> {
    const [found] = await this.#database
      .select()
      .from(items)
      .where(and(eq(items.organizationId, organizationId), eq(items.id, itemId)));
    return found;
  }

  async listOfBoard(
    organizationId: string,
    boardId: number,
    { before, limit }: PageRequest,
  ): Promise<Page<Item>> {
    const found = await this.#database
      .select()
      .from(items)
      .where(
        and(
          eq(items.organizationId, organizationId),
          eq(items.boardId, boardId),
          before === undefined ? undefined : lt(items.id, before),
        ),
      )
      .orderBy(desc(items.id))
      .limit(limit + 1);
    return toPage(found, limit);
  }

  async add(item: NewItem): Promise<Item> {
    const [added] = await this.#database.insert(items).values(item).returning();
    if (!added) throw new Error("Postgres returned no item");
    return added;
  }

  async addWatchers(itemId: number, userIds: number[]): Promise<void> {
    await this.#database
      .insert(itemWatchers)
      .values(userIds.map((userId) => ({ itemId, userId })))
      .onConflictDoNothing();
  }

  async listWatchers(itemId: number): Promise<number[]> {
    const found = await this.#database
      .select({ userId: itemWatchers.userId })
      .from(itemWatchers)
      .where(eq(itemWatchers.itemId, itemId))
      .orderBy(asc(itemWatchers.userId));
    return found.map(({ userId }) => userId);
  }
}

import type { Page, PageRequest } from "../../../shared/page.ts";
import type { Item, NewItem } from "../domain/item.ts";

export interface ItemRepository {
  find(organizationId: string, itemId: number): Promise<Item | undefined>;
  listOfBoard(organizationId: string, boardId: number, page: PageRequest): Promise<Page<Item>>;
  add(item: NewItem): Promise<Item>;
  addWatchers(itemId: number, userIds: number[]): Promise<void>;
  listWatchers(itemId: number): Promise<number[]>;
}

import { Failure } from "../../../shared/errors.ts";
import type { Page, PageRequest } from "../../../shared/page.ts";
import type { InTransaction } from "../../../shared/transaction.ts";
import type { BoardService } from "../../board/application/board.service.ts";
import { assertOpen } from "../../board/domain/board.ts";
import type { NotificationRepository } from "../../notification/application/notification.repository.ts";
import { itemAssigned } from "../../notification/domain/notification.ts";
import type { OrganizationService } from "../../organization/application/organization.service.ts";
import { assertFewCustomFields, firstWatchers, type Item, type NewItem } from "../domain/item.ts";
import type { ItemRepository } from "./item.repository.ts";

interface ItemPorts {
  items: ItemRepository;
  notifications: NotificationRepository;
}

interface Collaborators {
  boards: Pick<BoardService, "get">;
  organizations: Pick<OrganizationService, "requireMember">;
}

export class ItemService {
  readonly #items: ItemRepository;
  readonly #collaborators: Collaborators;
  readonly #inTransaction: InTransaction<ItemPorts>;

  constructor(
    items: ItemRepository,
    collaborators: Collaborators,
    inTransaction: InTransaction<ItemPorts>,
  ) {
    this.#items = items;
    this.#collaborators = collaborators;
    this.#inTransaction = inTransaction;
  }

  async get(organizationId: string, itemId: number): Promise<Item> {
    const item = await this.#items.find(organizationId, itemId);
    if (!item) throw new Failure("not_found", `${organizationId} has no item ${itemId}.`);
    return item;
  }

  async listOfBoard(
    organizationId: string,
    boardId: number,
    page: PageRequest,
  ): Promise<Page<Item>> {
    await this.#collaborators.boards.get(organizationId, boardId);
    return this.#items.listOfBoard(organizationId, boardId, page);
  }

  /** Adds an item to an open board; whoever it is assigned to is told. */
  async create(item: NewItem): Promise<Item> {
    const { boards, organizations } = this.#collaborators;
    assertFewCustomFields(item.customFields);
    assertOpen(await boards.get(item.organizationId, item.boardId));
    const author = await organizations.requireMember(item.organizationId, item.createdBy);
    if (item.assigneeId !== null) {
      await organizations.requireMember(item.organizationId, item.assigneeId);
    }
    return this.#inTransaction(async ({ items, notifications }) => {
      const added = await items.add(item);
      await items.addWatchers(added.id, firstWatchers(added));
      await notifications.add(itemAssigned(added, author));
      return added;
    });
  }
}

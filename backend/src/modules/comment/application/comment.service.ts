import { Failure } from "../../../shared/errors.ts";
import type { InTransaction } from "../../../shared/transaction.ts";
import type { ItemRepository } from "../../item/application/item.repository.ts";
import type { ItemService } from "../../item/application/item.service.ts";
import type { NotificationRepository } from "../../notification/application/notification.repository.ts";
import { commentAdded } from "../../notification/domain/notification.ts";
import type { OrganizationService } from "../../organization/application/organization.service.ts";
import {
  assertSameItem,
  audience,
  type Comment,
  type NewComment,
  type Thread,
  toThreads,
} from "../domain/comment.ts";
import type { CommentRepository } from "./comment.repository.ts";

interface CommentPorts {
  comments: CommentRepository;
  items: Pick<ItemRepository, "listWatchers">;
  notifications: NotificationRepository;
}

interface Collaborators {
  items: Pick<ItemService, "get">;
  organizations: Pick<OrganizationService, "requireMember">;
}

export class CommentService {
  readonly #comments: CommentRepository;
  readonly #collaborators: Collaborators;
  readonly #inTransaction: InTransaction<CommentPorts>;

  constructor(
    comments: CommentRepository,
    collaborators: Collaborators,
    inTransaction: InTransaction<CommentPorts>,
  ) {
    this.#comments = comments;
    this.#collaborators = collaborators;
    this.#inTransaction = inTransaction;
  }

  async threads(organizationId: string, itemId: number): Promise<Thread[]> {
    await this.#collaborators.items.get(organizationId, itemId);
    return toThreads(await this.#comments.listOfItem(itemId));
  }

  /** Adds a comment and tells everybody it concerns; neither is stored without the other. */
  async add(organizationId: string, comment: NewComment): Promise<Comment> {
    const { items, organizations } = this.#collaborators;
    const item = await items.get(organizationId, comment.itemId);
    const author = await organizations.requireMember(organizationId, comment.authorId);
    const answered = await this.#answered(comment);
    return this.#inTransaction(async (ports) => {
      const added = await ports.comments.add(comment);
      const recipients = audience({
        authorId: comment.authorId,
        watcherIds: await ports.items.listWatchers(item.id),
        assigneeId: item.assigneeId,
        answeredAuthorId: answered?.authorId ?? null,
      });
      await ports.notifications.add(commentAdded(added, item, author, recipients));
      return added;
    });
  }

  async #answered({ replyToId, itemId }: NewComment): Promise<Comment | undefined> {
    if (replyToId === null) return undefined;
    const answered = await this.#comments.find(replyToId);
    if (!answered) throw new Failure("not_found", `There is no comment ${replyToId} to answer.`);
    assertSameItem(answered, itemId);
    return answered;
  }
}

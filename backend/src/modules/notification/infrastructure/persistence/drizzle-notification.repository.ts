import { and, desc, eq, isNull, lt, sql } from "drizzle-orm";
import type { Database } from "../../../../shared/database.ts";
import { type Page, toPage } from "../../../../shared/page.ts";
import type {
  NotificationFilter,
  NotificationRepository,
} from "../../application/notification.repository.ts";
import type { NewNotification, Notification } from "../../domain/notification.ts";
import { notifications } from "./notification.sql-entity.ts";

export class DrizzleNotificationRepository implements NotificationRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(added: NewNotification[]): Promise<void> {
    if (added.length > 0) await this.#database.insert(notifications).values(added);
  }

  async list(
    organizationId: string,
    userId: number,
    { unreadOnly, before, limit }: NotificationFilter,
  ): Promise<Page<Notification>> {
    const found = await this.#database
      .select()
      .from(notifications)
      .where(
        and(
          eq(notifications.organizationId, organizationId),
          eq(notifications.userId, userId),
          unreadOnly ? isNull(notifications.readAt) : undefined,
          before === undefined ? undefined : lt(notifications.id, before),
        ),
      )
      .orderBy(desc(notifications.id))
      .limit(limit + 1);
    return toPage(found, limit);
  }

  async markRead(
    organizationId: string,
    userId: number,
    id: number,
  ): Promise<Notification | undefined> {
    const [read] = await this.#database
      .update(notifications)
      .set({ readAt: sql`coalesce(${notifications.readAt}, now())` })
      .where(
        and(
          eq(notifications.organizationId, organizationId),
          eq(notifications.userId, userId),
          eq(notifications.id, id),
        ),
      )
      .returning();
    return read;
  }
}

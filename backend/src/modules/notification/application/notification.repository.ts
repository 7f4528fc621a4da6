import type { Page, PageRequest } from "../../../shared/page.ts";
import type { NewNotification, Notification } from "../domain/notification.ts";

export interface NotificationFilter extends PageRequest {
  unreadOnly: boolean;
}

export interface NotificationRepository {
  add(notifications: NewNotification[]): Promise<void>;
  list(
    organizationId: string,
    userId: number,
    filter: NotificationFilter,
  ): Promise<Page<Notification>>;
  /** Keeps the time of the first reading; undefined when the user has no such notification. */
  markRead(organizationId: string, userId: number, id: number): Promise<Notification | undefined>;
}

import { Failure } from "../../../shared/errors.ts";
import type { Page } from "../../../shared/page.ts";
import type { OrganizationService } from "../../organization/application/organization.service.ts";
import type { Notification } from "../domain/notification.ts";
import type { NotificationFilter, NotificationRepository } from "./notification.repository.ts";

export class NotificationService {
  readonly #notifications: NotificationRepository;
  readonly #organizations: Pick<OrganizationService, "requireMember">;

  constructor(
    notifications: NotificationRepository,
    organizations: Pick<OrganizationService, "requireMember">,
  ) {
    this.#notifications = notifications;
    this.#organizations = organizations;
  }

  async list(
    organizationId: string,
    userId: number,
    filter: NotificationFilter,
  ): Promise<Page<Notification>> {
    await this.#organizations.requireMember(organizationId, userId);
    return this.#notifications.list(organizationId, userId, filter);
  }

  async markRead(organizationId: string, userId: number, id: number): Promise<Notification> {
    const notification = await this.#notifications.markRead(organizationId, userId, id);
    if (notification) return notification;
    throw new Failure(
      "not_found",
      `User ${userId} has no notification ${id} in ${organizationId}.`,
    );
  }
}

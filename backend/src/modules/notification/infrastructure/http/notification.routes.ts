import { Hono } from "hono";
import { z } from "zod";
import { idText, organizationId, pageQuery, readPath, readQuery } from "../../../../shared/http.ts";
import type { NotificationService } from "../../application/notification.service.ts";

const listQuery = pageQuery.extend({
  unread: z
    .enum(["true", "false"])
    .default("false")
    .transform((value) => value === "true"),
});

export function notificationRoutes(notifications: NotificationService): Hono {
  return new Hono()
    .get("/organizations/:organizationId/users/:userId/notifications", async (c) => {
      const path = readPath(c, { organizationId, userId: idText });
      const { unread, ...page } = readQuery(c, listQuery);
      const found = await notifications.list(path.organizationId, path.userId, {
        ...page,
        unreadOnly: unread,
      });
      return c.json({ notifications: found.entries, next: found.next });
    })
    .post("/organizations/:organizationId/users/:userId/notifications/:id/read", async (c) => {
      const path = readPath(c, { organizationId, userId: idText, id: idText });
      return c.json(await notifications.markRead(path.organizationId, path.userId, path.id));
    });
}

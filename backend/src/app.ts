import { Hono } from "hono";
import { healthRoutes } from "./health.ts";
import { BoardService } from "./modules/board/application/board.service.ts";
import { boardRoutes } from "./modules/board/infrastructure/http/board.routes.ts";
import { DrizzleBoardRepository } from "./modules/board/infrastructure/persistence/drizzle-board.repository.ts";
import { CommentService } from "./modules/comment/application/comment.service.ts";
import { commentRoutes } from "./modules/comment/infrastructure/http/comment.routes.ts";
import { DrizzleCommentRepository } from "./modules/comment/infrastructure/persistence/drizzle-comment.repository.ts";
import { ItemService } from "./modules/item/application/item.service.ts";
import { itemRoutes } from "./modules/item/infrastructure/http/item.routes.ts";
import { DrizzleItemRepository } from "./modules/item/infrastructure/persistence/drizzle-item.repository.ts";
import { NotificationService } from "./modules/notification/application/notification.service.ts";
import { notificationRoutes } from "./modules/notification/infrastructure/http/notification.routes.ts";
import { DrizzleNotificationRepository } from "./modules/notification/infrastructure/persistence/drizzle-notification.repository.ts";
import { OrganizationService } from "./modules/organization/application/organization.service.ts";
import { organizationRoutes } from "./modules/organization/infrastructure/http/organization.routes.ts";
import { DrizzleOrganizationRepository } from "./modules/organization/infrastructure/persistence/drizzle-organization.repository.ts";
import { UserService } from "./modules/user/application/user.service.ts";
import { userRoutes } from "./modules/user/infrastructure/http/user.routes.ts";
import { DrizzleUserRepository } from "./modules/user/infrastructure/persistence/drizzle-user.repository.ts";
import type { Database } from "./shared/database.ts";
import { errorResponse } from "./shared/http.ts";

/** The application on one database: the only place that knows both the ports and their adapters. */
export function createApp(database: Database): Hono {
  const ports = repositories(database);
  const inTransaction = <T>(work: (ports: Repositories) => Promise<T>) =>
    database.transaction((transaction) => work(repositories(transaction)));

  const organizations = new OrganizationService(ports.organizations, inTransaction);
  const boards = new BoardService(ports.boards, organizations);
  const items = new ItemService(ports.items, { boards, organizations }, inTransaction);
  const comments = new CommentService(ports.comments, { items, organizations }, inTransaction);

  const app = new Hono();
  app.onError(errorResponse);
  app.notFound((c) => {
    const message = `There is no ${c.req.method} ${c.req.path}.`;
    return c.json({ error: { code: "not_found", message } }, 404);
  });
  return app
    .route("/", healthRoutes(database))
    .route("/", organizationRoutes(organizations))
    .route("/", userRoutes(new UserService(ports.users)))
    .route("/", boardRoutes(boards))
    .route("/", itemRoutes(items))
    .route("/", commentRoutes(comments))
    .route("/", notificationRoutes(new NotificationService(ports.notifications, organizations)));
}

type Repositories = ReturnType<typeof repositories>;

function repositories(database: Database) {
  return {
    organizations: new DrizzleOrganizationRepository(database),
    users: new DrizzleUserRepository(database),
    boards: new DrizzleBoardRepository(database),
    items: new DrizzleItemRepository(database),
    comments: new DrizzleCommentRepository(database),
    notifications: new DrizzleNotificationRepository(database),
  };
}

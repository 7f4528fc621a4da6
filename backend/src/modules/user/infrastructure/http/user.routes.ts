import { Hono } from "hono";
import { idText, readPath } from "../../../../shared/http.ts";
import type { UserService } from "../../application/user.service.ts";

export function userRoutes(users: UserService): Hono {
  return new Hono().get("/users/:userId", async (c) => {
    const { userId } = readPath(c, { userId: idText });
    return c.json(await users.profile(userId));
  });
}

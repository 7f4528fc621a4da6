import { Hono } from "hono";
import { z } from "zod";
import { idText, organizationId, readBody, readPath, text } from "../../../../shared/http.ts";
import type { CommentService } from "../../application/comment.service.ts";

const newComment = z.strictObject({
  authorId: z.int().positive(),
  replyToId: z.int().positive().nullable().default(null),
  body: text(10_000),
});

export function commentRoutes(comments: CommentService): Hono {
  return new Hono()
    .get("/organizations/:organizationId/items/:itemId/comments", async (c) => {
      const path = readPath(c, { organizationId, itemId: idText });
      return c.json({ threads: await comments.threads(path.organizationId, path.itemId) });
    })
    .post("/organizations/:organizationId/items/:itemId/comments", async (c) => {
      const path = readPath(c, { organizationId, itemId: idText });
      const comment = await readBody(c, newComment);
      const added = await comments.add(path.organizationId, { itemId: path.itemId, ...comment });
      return c.json(added, 201);
    });
}

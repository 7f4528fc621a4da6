import { Hono } from "hono";
import { z } from "zod";
import {
  idText,
  organizationId,
  pageQuery,
  readBody,
  readPath,
  readQuery,
  text,
} from "../../../../shared/http.ts";
import type { ItemService } from "../../application/item.service.ts";
import { ITEM_STATUSES } from "../../domain/item.ts";

const userId = z.int().positive();

const newItem = z.strictObject({
  title: text(200),
  description: text(10_000).or(z.literal("")).default(""),
  status: z.enum(ITEM_STATUSES).default("backlog"),
  priority: z.int().min(0).max(3).default(1),
  dueOn: z.iso.date().nullable().default(null),
  assigneeId: userId.nullable().default(null),
  createdBy: userId,
  customFields: z
    .record(text(50), z.union([text(500), z.number(), z.boolean(), z.null()]))
    .default({}),
});

export function itemRoutes(items: ItemService): Hono {
  return new Hono()
    .get("/organizations/:organizationId/boards/:boardId/items", async (c) => {
      const path = readPath(c, { organizationId, boardId: idText });
      const page = readQuery(c, pageQuery);
      const found = await items.listOfBoard(path.organizationId, path.boardId, page);
      return c.json({ items: found.entries, next: found.next });
    })
    .post("/organizations/:organizationId/boards/:boardId/items", async (c) => {
      const path = readPath(c, { organizationId, boardId: idText });
      const item = await readBody(c, newItem);
      return c.json(await items.create({ ...path, ...item }), 201);
    });
}

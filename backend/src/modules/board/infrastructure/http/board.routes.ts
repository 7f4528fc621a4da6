import { Hono } from "hono";
import { z } from "zod";
import { organizationId, readPath, readQuery } from "../../../../shared/http.ts";
import type { BoardService } from "../../application/board.service.ts";

const listQuery = z.object({
  archived: z
    .enum(["true", "false"])
    .default("false")
    .transform((value) => value === "true"),
});

export function boardRoutes(boards: BoardService): Hono {
  return new Hono().get("/organizations/:organizationId/boards", async (c) => {
    const path = readPath(c, { organizationId });
    const { archived } = readQuery(c, listQuery);
    return c.json({ boards: await boards.list(path.organizationId, archived) });
  });
}

import { Hono } from "hono";
import { notFound } from "../errors.ts";
import { presentOperation } from "../present.ts";
import { operationsQuery } from "../request-shapes.ts";
import type { ApiEnv } from "./context.ts";
import { cursorPagination, page } from "./paging.ts";
import { idParam, readQuery } from "./request.ts";

export const operations = new Hono<ApiEnv>();

operations.get("/projects/:project/operations", (c) => {
  const query = readQuery(c, operationsQuery);
  const taken = page(c.get("controlPlane").listOperations(idParam(c, "project")), {
    position: (operation) => ({ key: operation.createdAt, id: operation.id }),
    order: "desc",
    limit: query.limit,
    cursor: query.cursor,
  });
  return c.json({
    operations: taken.items.map(presentOperation),
    ...cursorPagination(taken, query.limit),
  });
});

operations.get("/projects/:project/operations/:operation", (c) => {
  const id = c.req.param("operation");
  if (!/^[0-9a-f-]{36}$/i.test(id)) throw notFound("operation");
  const operation = c.get("controlPlane").getOperation(idParam(c, "project"), id);
  return c.json({ operation: presentOperation(operation) });
});

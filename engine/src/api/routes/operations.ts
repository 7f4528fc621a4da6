import { Hono } from "hono";
import { notFound } from "../../lib/engine-error.ts";
import type { ApiEnv } from "../requests/env.ts";
import { cursorPagination, page } from "../requests/paging.ts";
import { operationsQuery } from "../requests/project-schemas.ts";
import { idParam, readQuery } from "../requests/read.ts";
import { operationResponse } from "../responses/records.ts";

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
    operations: taken.items.map(operationResponse),
    ...cursorPagination(taken),
  });
});

operations.get("/projects/:project/operations/:operation", (c) => {
  const id = c.req.param("operation");
  if (!/^[0-9a-f-]{36}$/i.test(id)) throw notFound("operation");
  const operation = c.get("controlPlane").getOperation(idParam(c, "project"), id);
  return c.json({ operation: operationResponse(operation) });
});

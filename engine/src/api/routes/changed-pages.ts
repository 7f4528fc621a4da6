import { Hono } from "hono";
import { z } from "zod";
import type { ApiEnv } from "../requests/env.ts";
import { id } from "../requests/fields.ts";
import { idParam, readQuery } from "../requests/read.ts";

const changedPagesQuery = z.object({
  base_branch_id: id,
  db_name: z.string("is required").min(1, "must not be empty"),
});

/** What Neon's API has not, at a path of its own; see docs/row-diff.md. */
export const changedPages = new Hono<ApiEnv>();

changedPages.get("/ds/projects/:project/branches/:branch/changed_pages", async (c) => {
  const { base_branch_id: baseId, db_name: database } = readQuery(c, changedPagesQuery);
  const [projectId, branchId] = [idParam(c, "project"), idParam(c, "branch")];
  const question = { projectId, branchId, baseId, database };
  return c.json(await c.get("controlPlane").readChangedPages(question));
});

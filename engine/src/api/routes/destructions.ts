import { Hono } from "hono";
import { z } from "zod";
import type { ApiEnv } from "../requests/env.ts";
import { idParam, readQuery } from "../requests/read.ts";

const query = z.object({ limit: z.coerce.number().int().min(1).max(100).default(10) });

/** What was destroyed in a branch; beside Neon's API. */
export const destructions = new Hono<ApiEnv>();

destructions.get("/engine/projects/:project/branches/:branch/destructions", async (c) => {
  const { limit } = readQuery(c, query);
  const found = c
    .get("controlPlane")
    .findDestructions(idParam(c, "project"), idParam(c, "branch"), limit);
  return c.json(await found);
});

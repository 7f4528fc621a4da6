import { isAbsolute } from "node:path";
import { Hono } from "hono";
import { z } from "zod";
import type { ApiEnv } from "../requests/env.ts";
import { readBody } from "../requests/read.ts";

const major = z.int().min(10, "must be a major version").max(99, "must be a major version");
const added = z.object({
  major,
  bin: z
    .string()
    .max(4096)
    .refine((path) => isAbsolute(path) && !path.includes("\0"), "must be an absolute path"),
});
const removed = z.object({ major });

/** Versions of Postgres beside the engine's own; beside Neon's API. */
export const postgres = new Hono<ApiEnv>();

postgres.post("/engine/postgres/add", async (c) => {
  const { major, bin } = await readBody(c, added);
  return c.json(await c.get("controlPlane").postgres.add(major, bin));
});

postgres.post("/engine/postgres/remove", async (c) => {
  const { major } = await readBody(c, removed);
  return c.json({ removed: await c.get("controlPlane").postgres.remove(major) });
});

import { isAbsolute } from "node:path";
import { Hono } from "hono";
import { z } from "zod";
import { isExtensionName } from "../../extensions/name.ts";
import type { ApiEnv } from "../requests/env.ts";
import { id, label, optional } from "../requests/fields.ts";
import { readBody } from "../requests/read.ts";

const name = z.string().refine(isExtensionName, "must be the name of an extension");
const added = z.object({
  name,
  path: z
    .string()
    .max(4096)
    .refine((path) => isAbsolute(path), "must be an absolute path"),
  from: label(1024),
  licence: optional(label(128)),
  archiveSha256: optional(z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256")),
});
const removed = z.object({ name });
const restarted = z.object({ branchId: optional(id) });

/** Extensions of the engine's Postgres; beside Neon's API. */
export const extensions = new Hono<ApiEnv>();

extensions.get("/engine/extensions", async (c) =>
  c.json(await c.get("controlPlane").extensions.list()),
);

extensions.post("/engine/extensions/add", async (c) => {
  const { name, path, from, ...rest } = await readBody(c, added);
  return c.json(await c.get("controlPlane").extensions.add(name, path, { from, ...rest }));
});

extensions.post("/engine/extensions/remove", async (c) => {
  const { name } = await readBody(c, removed);
  return c.json(await c.get("controlPlane").extensions.remove(name));
});

extensions.post("/engine/extensions/restart", async (c) => {
  const { branchId } = await readBody(c, restarted);
  return c.json({ restarted: await c.get("controlPlane").extensions.restart(branchId) });
});

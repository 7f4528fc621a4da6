import { Hono } from "hono";
import { z } from "zod";
import type { ApiEnv } from "../requests/env.ts";
import { id } from "../requests/fields.ts";
import { readBody } from "../requests/read.ts";

const quarantinedName = z.object({ name: id });

/** What the engine tells about itself, beside Neon's API. `stop` runs once the answer is on its way. */
export function engineRoutes(version: string, stop: () => void): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();

  routes.get("/health", (c) =>
    c.json({ homeId: c.get("controlPlane").homeId, pid: process.pid, version }),
  );

  routes.get("/engine/status", async (c) => c.json(await c.get("controlPlane").status()));

  routes.post("/engine/quarantine/remove", async (c) => {
    const { name } = await readBody(c, quarantinedName);
    return c.json({ removed: await c.get("controlPlane").removeQuarantined(name) });
  });

  routes.post("/engine/stop", (c) => {
    const { outgoing } = c.env ?? {};
    if (outgoing) outgoing.once("close", stop);
    else setImmediate(stop);
    return c.json({ stopping: true, pid: process.pid }, 202);
  });

  return routes;
}

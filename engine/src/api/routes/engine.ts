import { Hono } from "hono";
import { z } from "zod";
import { engineProof } from "../../lib/engine-proof.ts";
import type { ApiEnv } from "../requests/env.ts";
import { id } from "../requests/fields.ts";
import { readBody } from "../requests/read.ts";

const quarantinedName = z.object({ name: id });

/** What the engine tells about itself, beside Neon's API. `stop` runs once the answer is on its way. */
export function engineRoutes(version: string, stop: () => void, apiKey: string): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();

  // Whoever is about to send the key asks with a nonce first: somebody else may have the port.
  routes.get("/health", (c) => {
    const { homeId } = c.get("controlPlane");
    const nonce = c.req.query("nonce");
    const port = c.env?.incoming?.socket.localPort;
    const proof = nonce && port ? engineProof(apiKey, nonce, homeId, port) : undefined;
    return c.json({ homeId, pid: process.pid, version, ...(proof && { proof }) });
  });

  routes.get("/engine/status", async (c) => c.json(await c.get("controlPlane").status()));

  routes.get("/engine/progress", (c) =>
    c.json({ operations: c.get("controlPlane").operationsProgress() }),
  );

  routes.get("/engine/sizes", async (c) => c.json(await c.get("controlPlane").diskSizes()));

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

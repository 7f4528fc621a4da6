import type { HttpBindings } from "@hono/node-server";
import type { ControlPlane } from "../../control-plane/api.ts";

/** What every route finds in its Hono context. `Bindings` are absent when no socket is involved. */
export interface ApiEnv {
  Bindings: Partial<HttpBindings>;
  Variables: { requestId: string; controlPlane: ControlPlane };
}

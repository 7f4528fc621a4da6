import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import type { AddressInfo, Socket } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { ControlPlane } from "../../control-plane/api.ts";
import { diskFull, EngineError, locked } from "../../lib/engine-error.ts";
import { errnoOf } from "../../lib/io/files.ts";
import { isLoopbackHost } from "../../lib/loopback.ts";
import { lostServer } from "../../postgres/connection-errors.ts";
import { serverMessageMeaning } from "../../postgres/server-messages.ts";
import type { WebSocketGateway } from "../../serverless/io/websocket.ts";
import type { ApiEnv } from "../requests/env.ts";
import { account } from "../routes/account.ts";
import { branches } from "../routes/branches.ts";
import { connection } from "../routes/connection.ts";
import { databases } from "../routes/databases.ts";
import { endpoints } from "../routes/endpoints.ts";
import { engineRoutes } from "../routes/engine.ts";
import { operations } from "../routes/operations.ts";
import { projects } from "../routes/projects.ts";
import { roles } from "../routes/roles.ts";
import { schema } from "../routes/schema.ts";
import { snapshots } from "../routes/snapshots.ts";
import { sql } from "../routes/sql.ts";

export interface ServerOptions {
  /** The only key that is accepted, as `Authorization: Bearer <key>`. */
  apiKey: string;
  version: string;
  /** Takes one line about a failure; it holds no secret. */
  log(line: string): void;
  /** Called after `POST /engine/stop` was answered. */
  stop(): void;
}

/** `/sql` asks for the role's password instead of the key, as on Neon. */
const keyless = new Set(["/health", "/sql"]);

/**
 * Neon's management API below /api/v2, and the engine's own routes beside it. The control plane may
 * still be on its way: requests wait for it.
 */
export function createServer(
  controlPlane: ControlPlane | Promise<ControlPlane>,
  options: ServerOptions,
): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const isKey = keyCheck(options.apiKey);

  app.use(async (c, next) => {
    const asked = c.req.header("x-request-id") ?? "";
    const requestId = /^[A-Za-z0-9._:-]{1,128}$/.test(asked) ? asked : randomUUID();
    c.set("requestId", requestId);
    c.header("X-Request-ID", requestId);
    // Answers hold passwords.
    c.header("Cache-Control", "no-store");

    if (!isLoopbackHost(c.req.header("host") ?? new URL(c.req.url).host)) {
      throw new EngineError(
        403,
        "HOST_NOT_ALLOWED",
        "the engine answers only under localhost or 127.0.0.1",
      );
    }
    if (!keyless.has(c.req.path) && !isKey(c.req.header("authorization"))) {
      throw new EngineError(
        401,
        "API_KEY_INVALID",
        "authentication failed: the API key is missing or wrong",
      );
    }
    await next();
  });

  app.use(async (c, next) => {
    try {
      c.set("controlPlane", await controlPlane);
    } catch {
      throw new EngineError(
        503,
        "ENGINE_START_FAILED",
        "the engine could not start; its log tells why",
      );
    }
    await next();
  });

  app.route("/", engineRoutes(options.version, options.stop));
  app.route("/", sql());
  const resources = [
    account,
    projects,
    branches,
    endpoints,
    roles,
    databases,
    operations,
    connection,
    schema,
    snapshots,
  ];
  for (const resource of resources) app.route("/api/v2", resource);
  refuseOtherMethods(app);

  app.notFound(() => {
    // Clients probe for features and read only this wording as "absent".
    throw new EngineError(404, "ROUTE_NOT_FOUND", "this route does not exist");
  });

  app.onError((error, c) => {
    const known = asEngineError(error);
    const requestId = c.get("requestId");
    if (known === undefined || known.cause !== undefined) {
      const what = known?.cause ?? error;
      options.log(`${c.req.method} ${c.req.path} failed (request ${requestId}): ${describe(what)}`);
    }
    const { status, code, message } =
      known ??
      new EngineError(
        500,
        "INTERNAL_ERROR",
        `unexpected failure; the engine's log tells more: ${requestId}`,
      );
    return c.json({ request_id: requestId, code, message }, status as ContentfulStatusCode);
  });

  return app;
}

/** Compares in constant time: digests have equal lengths, whatever was sent. */
function keyCheck(apiKey: string): (authorization: string | undefined) => boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const expected = digest(apiKey);
  return (authorization) => {
    const sent = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1];
    return timingSafeEqual(digest(sent ?? ""), expected) && sent !== undefined;
  };
}

/** A known path with another method is 405, not "does not exist". To be called after the last route. */
function refuseOtherMethods(app: Hono<ApiEnv>): void {
  const methods = new Map<string, string[]>();
  for (const { path, method } of app.routes) {
    if (method !== "ALL") methods.set(path, [...(methods.get(path) ?? []), method]);
  }
  for (const [path, allowed] of methods) {
    app.all(path, (c) => {
      c.header("Allow", allowed.join(", "));
      throw new EngineError(
        405,
        "METHOD_NOT_ALLOWED",
        `method ${c.req.method} is not allowed here`,
      );
    });
  }
}

function asEngineError(error: unknown): EngineError | undefined {
  if (error instanceof EngineError) return error;
  if (error instanceof HTTPException && error.status < 500) {
    return new EngineError(error.status, "REQUEST_REFUSED", error.message);
  }
  // Another request stopped the branch's Postgres under this one: clients try again after 423.
  if (lostServer(error)) return locked();
  return ranOutOfSpace(error) ? diskFull(error) : undefined;
}

/** Node says so by its code, initdb and Postgres in words; either may be the cause of another error. */
function ranOutOfSpace(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const told = errnoOf(error) === "ENOSPC" || serverMessageMeaning(error.message) === "DISK_FULL";
  return told || ranOutOfSpace(error.cause);
}

/** Connection strings and generated passwords may stand in a message that others wrote. */
function describe(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text.replace(/:\/\/[^\s@/]+@/g, "://***@").replace(/npg_\w+/g, "npg_***");
}

export interface Listening {
  port: number;
  /** Serves a connection that was accepted elsewhere. */
  adopt(client: Socket): void;
  /** Stops accepting at once; requests under way have `graceMs` to finish. */
  close(graceMs?: number): Promise<void>;
}

/** Rejects with Node's own error (code EADDRINUSE, EACCES) when the port cannot be had. */
export async function listen(
  app: Pick<Hono<ApiEnv>, "fetch">,
  options: { port?: number; webSockets?: WebSocketGateway } = {},
): Promise<Listening> {
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false });
  const { webSockets } = options;
  if (webSockets) server.on("upgrade", webSockets.upgrade.bind(webSockets));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    adopt: (client) => server.emit("connection", client),
    close: (graceMs = 5000) =>
      new Promise((resolve) => {
        const closeIdle = () => "closeIdleConnections" in server && server.closeIdleConnections();
        const idle = setInterval(closeIdle, 20);
        const grace = setTimeout(() => {
          if ("closeAllConnections" in server) server.closeAllConnections();
        }, graceMs);
        webSockets?.close();
        server.close(() => {
          clearInterval(idle);
          clearTimeout(grace);
          resolve();
        });
        closeIdle();
      }),
  };
}

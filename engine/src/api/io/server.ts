import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { ControlPlane } from "../../control-plane/api.ts";
import { EngineError } from "../../lib/engine-error.ts";
import { isLoopbackHost } from "../../lib/loopback.ts";
import type { ApiEnv } from "../requests/env.ts";
import { access } from "../routes/access.ts";
import { account } from "../routes/account.ts";
import { advisors } from "../routes/advisors.ts";
import { anonymized } from "../routes/anonymized.ts";
import { branches } from "../routes/branches.ts";
import { changedPages } from "../routes/changed-pages.ts";
import { connection } from "../routes/connection.ts";
import { consumption } from "../routes/consumption.ts";
import { databases } from "../routes/databases.ts";
import { destructions } from "../routes/destructions.ts";
import { endpoints } from "../routes/endpoints.ts";
import { engineRoutes } from "../routes/engine.ts";
import { extensions } from "../routes/extensions.ts";
import { operations } from "../routes/operations.ts";
import { postgres } from "../routes/postgres.ts";
import { projects } from "../routes/projects.ts";
import { roles } from "../routes/roles.ts";
import { schema } from "../routes/schema.ts";
import { snapshots } from "../routes/snapshots.ts";
import { sql } from "../routes/sql.ts";
import { asEngineError, describeForLog } from "./error-answer.ts";

interface ServerOptions {
  /** The home's own key, accepted as `Authorization: Bearer <key>`. */
  apiKey: string;
  /** Whether a key is one of those that were made with the API. */
  isMadeKey(key: string, from?: string): boolean;
  version: string;
  /** Takes one line about a failure; it holds no secret. */
  log(line: string): void;
  /** Called after `POST /engine/stop` was answered. */
  stop(): void;
}

/** Below /api/v2. */
const resources = [
  account,
  access,
  consumption,
  projects,
  anonymized,
  branches,
  endpoints,
  roles,
  databases,
  operations,
  connection,
  schema,
  snapshots,
  advisors,
  changedPages,
];

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
  app.use(admit(options));
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

  app.route("/", engineRoutes(options.version, options.stop, options.apiKey));
  app.route("/", extensions);
  app.route("/", postgres);
  app.route("/", destructions);
  app.route("/", sql());
  for (const resource of resources) app.route("/api/v2", resource);
  refuseOtherMethods(app);

  app.notFound(() => {
    // Clients probe for features and read only this wording as "absent".
    throw new EngineError(404, "ROUTE_NOT_FOUND", "this route does not exist");
  });
  app.onError((error, c) => answerFailure(c, error, options.log));
  return app;
}

/** Names the request, and refuses it by where it comes from or for want of the key. */
function admit({
  apiKey,
  isMadeKey,
}: Pick<ServerOptions, "apiKey" | "isMadeKey">): MiddlewareHandler<ApiEnv> {
  const isOwnKey = keyCheck(apiKey);
  return async (c, next) => {
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
    const key = /^Bearer (.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    const from = c.env?.incoming?.socket.remoteAddress;
    const isAdmitted = key !== undefined && (isOwnKey(key) || isMadeKey(key, from));
    if (!keyless.has(c.req.path) && !isAdmitted) {
      throw new EngineError(
        401,
        "API_KEY_INVALID",
        "authentication failed: the API key is missing or wrong",
      );
    }
    await next();
  };
}

/** Every failure's answer; what nobody foresaw, or has another cause, is logged. */
function answerFailure(c: Context<ApiEnv>, error: Error, log: (line: string) => void): Response {
  const known = asEngineError(error);
  const requestId = c.get("requestId");
  if (known === undefined || known.cause !== undefined) {
    const what = describeForLog(known?.cause ?? error);
    log(`${c.req.method} ${c.req.path} failed (request ${requestId}): ${what}`);
  }
  const { status, code, message } =
    known ??
    new EngineError(
      500,
      "INTERNAL_ERROR",
      `unexpected failure; the engine's log tells more: ${requestId}`,
    );
  return c.json({ request_id: requestId, code, message }, status as ContentfulStatusCode);
}

/** Compares in constant time: digests have equal lengths, whatever was sent. */
function keyCheck(apiKey: string): (sent: string) => boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const expected = digest(apiKey);
  return (sent) => timingSafeEqual(digest(sent), expected);
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

import { type Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { isLoopbackOrigin } from "../../lib/loopback.ts";
import { describeFailure } from "../../serverless/io/errors.ts";
import { StatementRunner } from "../../serverless/io/query.ts";
import { SqlSessions } from "../../serverless/io/sessions.ts";
import { beginStatement, parseSqlRequest } from "../../serverless/request.ts";
import { parseConnectionString, Refusal } from "../../serverless/target.ts";
import type { ApiEnv } from "../requests/env.ts";

/** Neon's own limit. */
const largestRequest = 10 * 1024 * 1024;

const batchHeaders = [
  "Neon-Batch-Isolation-Level",
  "Neon-Batch-Read-Only",
  "Neon-Batch-Deferrable",
] as const;

/**
 * `POST /sql`, which Neon's serverless driver sends queries to. It takes no API key: the credential
 * is the role's password in the connection string, and Postgres checks it.
 */
export function sql(): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  const sessions = new SqlSessions();

  routes.use("/sql", async (c, next) => {
    const origin = c.req.header("origin");
    // Pages from elsewhere have no business here, not even to find out which ports are in use.
    if (origin !== undefined && !isLoopbackOrigin(origin)) {
      const message = "the engine takes queries from pages of this machine only (Origin)";
      return c.json({ message, code: null }, 403);
    }
    await next();
    if (origin !== undefined) {
      c.header("Access-Control-Allow-Origin", origin);
      c.header("Vary", "Origin");
    }
    return undefined;
  });

  routes.options("/sql", (c) => {
    c.header("Allow", "OPTIONS, POST");
    c.header(
      "Access-Control-Allow-Headers",
      [
        "Authorization, Content-Type, Neon-Connection-String, Neon-Raw-Text-Output, Neon-Array-Mode",
        // Older versions of the driver send it; sessions are not kept either way.
        "Neon-Pool-Opt-In",
        ...batchHeaders,
      ].join(", "),
    );
    return c.body(null, 204);
  });

  routes.post("/sql", async (c) => {
    try {
      return c.body(await answer(c, sessions), 200, { "Content-Type": "application/json" });
    } catch (error) {
      const failure = describeFailure(error);
      if (!failure) throw error;
      const { status, body } = failure;
      // The rest of such a request is not read, so its connection is of no more use.
      if (status === 413) c.header("Connection", "close");
      return c.json(body, status as ContentfulStatusCode);
    }
  });

  return routes;
}

/** Runs what the request asks for and returns the answer's JSON text. */
async function answer(c: Context<ApiEnv>, sessions: SqlSessions): Promise<string> {
  const header = (name: string) => c.req.header(name);
  if (header("authorization") !== undefined) {
    throw new Refusal(
      "tokens (the driver's authToken) are not supported by this engine: put the role's password into the connection string",
    );
  }
  const controlPlane = c.get("controlPlane");
  const target = parseConnectionString(header("neon-connection-string"), {
    at: (port) => controlPlane.endpointAt(port),
    arrivedAt: c.env.incoming?.socket.localPort,
  });
  const begin = beginStatement(header);
  const request = parseSqlRequest(await readText(c));
  return sessions.run(target, c.req.raw.signal, async (client) => {
    const runner = new StatementRunner(client, {
      rawText: header("neon-raw-text-output") === "true",
      arrayMode: header("neon-array-mode") === "true",
    });
    if ("statement" in request) return runner.run(request.statement);
    await client.query(begin);
    const results: string[] = [];
    for (const statement of request.statements) results.push(await runner.run(statement));
    await client.query("COMMIT");
    for (const name of batchHeaders) {
      const value = header(name);
      if (value !== undefined) c.header(name, value);
    }
    return `{"results":[${results.join(",")}]}`;
  });
}

async function readText(c: Context<ApiEnv>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    size += chunk.byteLength;
    if (size > largestRequest) {
      throw new Refusal(`request is too large (max is ${largestRequest} bytes)`, 413);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

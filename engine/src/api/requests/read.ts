import type { Context } from "hono";
import type { z } from "zod";
import { badRequest, EngineError, notFound } from "../../lib/engine-error.ts";
import type { EngineErrorCode } from "../../lib/error-codes.ts";
import type { ApiEnv } from "./env.ts";

/**
 * The request's JSON body in the given shape; no body at all counts as `{}`. Refuses with 400, naming
 * each field that is wrong.
 */
export async function readBody<Shape extends z.ZodType>(
  c: Context<ApiEnv>,
  shape: Shape,
): Promise<z.output<Shape>> {
  const text = await readText(c);
  let body: unknown = {};
  if (text.trim() !== "") {
    try {
      body = JSON.parse(text);
    } catch {
      throw badRequest("BODY_NOT_JSON", "request body is not valid JSON");
    }
  }
  return parse(shape, body, { code: "BODY_INVALID", heading: "request body has an error" });
}

const largestBody = 1024 * 1024;

/** Stops reading at the limit: what is announced is not always what comes. */
async function readText(c: Context<ApiEnv>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    size += chunk.byteLength;
    if (size > largestBody)
      throw new EngineError(413, "BODY_TOO_LARGE", "request body is larger than 1 MiB");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * The query parameters in the given shape; a repeated parameter counts by its first value.
 *
 * @param lists parameters that have all their values, as a list
 */
export function readQuery<Shape extends z.ZodType>(
  c: Context<ApiEnv>,
  shape: Shape,
  lists: readonly string[] = [],
): z.output<Shape> {
  const values: Record<string, string | string[]> = c.req.query();
  for (const name of lists) {
    const all = c.req.queries(name);
    if (all) values[name] = all;
  }
  return parse(shape, values, {
    code: "QUERY_INVALID",
    heading: "query parameter has an error",
  });
}

function parse<Shape extends z.ZodType>(
  shape: Shape,
  value: unknown,
  refusal: { code: EngineErrorCode; heading: string },
): z.output<Shape> {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map(describe);
  throw badRequest(refusal.code, `${refusal.heading}: ${issues.join("; ")}`);
}

/** Never repeats the value: a body may hold a secret in the wrong place. */
function describe(issue: z.core.$ZodIssue): string {
  const path = issue.path.join(".");
  // Of a record's wrong key, the reason lies one level deeper.
  const inner = issue.code === "invalid_key" ? issue.issues[0] : undefined;
  const message = inner?.message ?? issue.message;
  return path === "" ? message : `${path}: ${message}`;
}

const idShape = /^[a-z0-9-]{1,60}$/;

/**
 * A resource's id out of the path. What does not have the shape of an id cannot exist, and must not
 * reach the catalog, where ids become file names.
 */
export function idParam(
  c: Context<ApiEnv>,
  name: "project" | "branch" | "endpoint" | "snapshot" | "organization" | "permission",
): string {
  const id = c.req.param(name) ?? "";
  if (!idShape.test(id)) throw notFound(name);
  return id;
}

/** The name of a role or database out of the path; Postgres has no name over 63 bytes or with a NUL. */
export function nameParam(c: Context<ApiEnv>, name: "role" | "database"): string {
  const value = c.req.param(name) ?? "";
  if (value.includes("\0") || Buffer.byteLength(value) > 63) throw notFound(name);
  return value;
}

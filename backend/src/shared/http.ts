import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import { Failure, type FailureKind, loggable } from "./errors.ts";

const STATUS = {
  invalid: 400,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
} as const satisfies Record<FailureKind, number>;

/** An id in a path or query. */
export const idText = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, "must be a positive whole number")
  .transform(Number);

export const organizationId = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, "is no organization id");

/** Text that a person typed. Postgres stores no NUL character. */
export function text(maxLength: number) {
  return z
    .string()
    .trim()
    .min(1, "must not be empty")
    .max(maxLength)
    .refine((value) => !value.includes("\0"), "must not contain a NUL character");
}

export const pageQuery = z.object({
  before: idText.optional(),
  limit: z
    .string()
    .regex(/^\d{1,3}$/, "must be a number from 1 to 100")
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= 100, "must be a number from 1 to 100")
    .default(20),
});

export function readPath<Shape extends z.ZodRawShape>(c: Context, shape: Shape) {
  return check(z.object(shape), c.req.param());
}

export function readQuery<Schema extends z.ZodType>(c: Context, schema: Schema) {
  return check(schema, c.req.query());
}

export async function readBody<Schema extends z.ZodType>(c: Context, schema: Schema) {
  const body: unknown = await c.req.json().catch(() => {
    throw new Failure("invalid", "The request's body is not JSON.");
  });
  return check(schema, body);
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.join(".") || "body"}: ${message}`,
  );
  throw new Failure("invalid", problems.join("; "));
}

/** Every error leaves as `{error: {code, message}}`; what is not the client's fault is only logged. */
export function errorResponse(error: Error, c: Context): Response {
  if (error instanceof Failure) {
    return c.json({ error: { code: error.kind, message: error.message } }, STATUS[error.kind]);
  }
  if (error instanceof HTTPException) {
    return c.json({ error: { code: "invalid", message: error.message } }, error.status);
  }
  console.error(`${c.req.method} ${c.req.routePath}: ${loggable(error)}`);
  return c.json(
    { error: { code: "internal", message: "The request could not be completed." } },
    500,
  );
}

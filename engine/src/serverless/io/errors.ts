import { DatabaseError } from "pg";
import { Refusal } from "../target.ts";

/** The fields of an error's answer, in the order of Neon's proxy; null where Postgres sent none. */
const fields = [
  "code",
  "detail",
  "hint",
  "position",
  "internalPosition",
  "internalQuery",
  "severity",
  "where",
  "table",
  "column",
  "schema",
  "dataType",
  "constraint",
  "file",
  "line",
  "routine",
] as const;

export interface SqlFailure {
  status: number;
  body: Record<string, string | null>;
}

/**
 * What a failed `POST /sql` answers; undefined for what nobody foresaw. The driver reads the body's
 * fields only at status 400, which everything is that the statement, its parameters or the
 * credentials caused.
 */
export function describeFailure(error: unknown): SqlFailure | undefined {
  if (error instanceof DatabaseError) return failure(400, error.message, error);
  if (error instanceof Refusal) return failure(error.status, error.message);
  return undefined;
}

function failure(
  status: number,
  message: string,
  from: Partial<Record<(typeof fields)[number], string | undefined>> = {},
): SqlFailure {
  return {
    status,
    body: { message, ...Object.fromEntries(fields.map((name) => [name, from[name] ?? null])) },
  };
}

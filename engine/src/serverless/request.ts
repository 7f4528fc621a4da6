import { Refusal } from "./target.ts";
import { type Json, parameterText } from "./values.ts";

export interface Statement {
  text: string;
  /** In Postgres' text form. */
  parameters: (string | null)[];
  /** Rows as lists instead of objects; default: what the request's header says. */
  arrayMode?: boolean;
}

export type SqlRequest =
  | { statement: Statement }
  /** To be run in one transaction. */
  | { statements: Statement[] };

/** Reads the body of `POST /sql`: `{query, params?}` or `{queries: [{query, params?}, …]}`. */
export function parseSqlRequest(body: string): SqlRequest {
  const value = parseJson(body);
  if (!isObject(value)) throw new Refusal("the request body is not a JSON object");
  if (value.queries === undefined) return { statement: parseStatement(value, "the request body") };
  if (!Array.isArray(value.queries)) throw new Refusal('"queries" is not a list');
  return {
    statements: value.queries.map((query, index) => parseStatement(query, `queries[${index}]`)),
  };
}

function parseStatement(value: Json | undefined, where: string): Statement {
  if (!isObject(value) || typeof value.query !== "string") {
    throw new Refusal(`${where} has no "query" that is a string`);
  }
  const { query, params = [], arrayMode } = value;
  if (!Array.isArray(params)) throw new Refusal(`"params" of ${where} is not a list`);
  if (arrayMode !== undefined && arrayMode !== null && typeof arrayMode !== "boolean") {
    throw new Refusal(`"arrayMode" of ${where} is neither true nor false`);
  }
  return {
    text: query,
    parameters: params.map(parameterText),
    ...(typeof arrayMode === "boolean" && { arrayMode }),
  };
}

function parseJson(body: string): Json {
  // A number that JavaScript would round is refused: better than storing another one.
  const exact = (_key: string, value: Json) => {
    if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
      throw new Refusal(
        `the number ${value} is too large to be passed exactly: send it as a string`,
      );
    }
    return value;
  };
  try {
    return /\d{16}/.test(body) ? JSON.parse(body, exact) : JSON.parse(body);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal("could not parse the HTTP request body: it is not valid JSON");
  }
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const isolationLevels: Record<string, string> = {
  ReadUncommitted: "READ UNCOMMITTED",
  ReadCommitted: "READ COMMITTED",
  RepeatableRead: "REPEATABLE READ",
  Serializable: "SERIALIZABLE",
};

/** The statement that opens the transaction of a batch, from the request's `Neon-Batch-…` headers. */
export function beginStatement(header: (name: string) => string | undefined): string {
  const level = header("neon-batch-isolation-level");
  const known = level === undefined ? undefined : isolationLevels[level];
  if (level !== undefined && known === undefined) {
    throw new Refusal(
      `invalid isolation level: it is one of ${Object.keys(isolationLevels).join(", ")}`,
    );
  }
  const modes = [
    ...(known ? [`ISOLATION LEVEL ${known}`] : []),
    ...(header("neon-batch-read-only") === "true" ? ["READ ONLY"] : []),
    ...(header("neon-batch-deferrable") === "true" ? ["DEFERRABLE"] : []),
  ];
  return ["START TRANSACTION", modes.join(", ")].join(" ").trim();
}

import { HTTPException } from "hono/http-exception";
import { diskFull, EngineError, locked } from "../../lib/engine-error.ts";
import { errnoOf } from "../../lib/io/files.ts";
import { lostServer } from "../../postgres/connection-errors.ts";
import { serverMessageMeaning } from "../../postgres/server-messages.ts";

/** The failure as the API answers it; undefined when nobody foresaw it. */
export function asEngineError(error: unknown): EngineError | undefined {
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
export function describeForLog(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text.replace(/:\/\/[^\s@/]+@/g, "://***@").replace(/npg_\w+/g, "npg_***");
}

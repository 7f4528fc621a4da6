import { DsError, type ErrorCode } from "../errors/ds-error.ts";
import type { ErrorReason } from "../errors/error-reason.ts";

/** What of the engine's codes a person can act on: this command's code for it. The reason has the engine's name. */
const known: Readonly<Record<string, ErrorCode>> = {
  EXTENSION_NOT_FOUND: "NOT_FOUND",
  EXTENSION_NOT_IN_SOURCE: "NOT_FOUND",
  EXTENSION_IN_USE: "CONFLICT",
  EXTENSIONS_UNSUPPORTED: "PREREQUISITE_MISSING",
  EXTENSION_SOURCE_UNREADABLE: "USAGE",
  EXTENSION_SOURCE_UNSAFE: "REFUSED",
  EXTENSION_NOT_TRUSTED: "REFUSED",
  EXTENSION_UNUSABLE: "PREREQUISITE_MISSING",
  POSTGRES_UNUSABLE: "PREREQUISITE_MISSING",
  PG_VERSION_IN_USE: "CONFLICT",
  NO_HISTORY: "NOT_FOUND",
  LOG_NOT_READABLE: "PREREQUISITE_MISSING",
};

const hints: Readonly<Record<string, string>> = {
  EXTENSION_NOT_FOUND: "See what was added: ds engine extension list",
  EXTENSION_IN_USE: "Drop it there first (DROP EXTENSION), or delete these branches: ds db delete",
  EXTENSION_UNUSABLE:
    "It has to be built for this system and for the major version of the engine's Postgres: ds engine status",
  POSTGRES_UNUSABLE:
    "Name the directory that has its postgres and initdb, such as /usr/lib/postgresql/17/bin",
  PG_VERSION_IN_USE: "Delete these projects first",
  LOG_NOT_READABLE: "Name the moment yourself: ds db restore --at <moment>",
  ROUTE_NOT_FOUND:
    "The engine is of an earlier version: ds engine stop; the next command starts the one of ds",
};

/** The engine's refusal of what is asked beside Neon's API, as this command's failure. */
export function engineRefusal(status: number, body: string): DsError {
  const { code = "", message } = parsed(body);
  const own = known[code];
  const options = {
    hint: hints[code] ?? (own === undefined ? "Look at its log: ds engine logs" : undefined),
  };
  if (own === undefined) {
    return new DsError(
      "UPSTREAM",
      `the engine answered ${status}: ${message ?? "no reason"}`,
      options,
    );
  }
  return new DsError(own, message ?? code, { ...options, reason: code as ErrorReason });
}

function parsed(body: string): { code?: string; message?: string } {
  try {
    return (JSON.parse(body) as { code?: string; message?: string } | null) ?? {};
  } catch {
    return {};
  }
}

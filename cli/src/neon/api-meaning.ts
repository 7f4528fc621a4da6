import type { ErrorCode } from "../errors/ds-error.ts";
import type { ErrorReason } from "../errors/error-reason.ts";
import { neonRefusal } from "./neon-says.ts";

/** Neon's error body. The engine's code is never empty; the cloud's often is. */
export interface ApiErrorBody {
  code?: string;
  message?: string;
}

export interface ApiMeaning {
  code: ErrorCode;
  reason?: ErrorReason;
}

/** What a status means by itself; any other is UPSTREAM. */
const byStatus: Readonly<Record<number, ApiMeaning>> = {
  401: { code: "CREDENTIALS", reason: "API_KEY_REJECTED" },
  403: { code: "CREDENTIALS", reason: "API_KEY_REJECTED" },
  404: { code: "NOT_FOUND" },
  409: { code: "CONFLICT" },
  423: { code: "LOCKED" },
  507: { code: "UPSTREAM", reason: "DISK_FULL" },
};

const refused = (reason: ErrorReason): ApiMeaning => ({ code: "REFUSED", reason });
const absent = (reason: ErrorReason): ApiMeaning => ({ code: "NOT_FOUND", reason });
/** A moment that cannot be had; who asked for one says so, see outside-history.ts. */
const outsideHistory: ApiMeaning = { code: "UPSTREAM", reason: "OUTSIDE_HISTORY" };

/**
 * The API's codes that mean more than their status: the engine's table is engine/src/lib/error-codes.ts. A 422
 * with none of these is a value that the API does not take.
 */
const byCode: Readonly<Record<string, ApiMeaning>> = {
  CATALOG_BROKEN: { code: "UPSTREAM" },
  BRANCH_PROTECTED: refused("BRANCH_PROTECTED"),
  PROJECT_HAS_PROTECTED_BRANCHES: refused("BRANCH_PROTECTED"),
  BRANCH_IS_DEFAULT: refused("BRANCH_IS_DEFAULT"),
  BRANCH_IS_ROOT: refused("BRANCH_IS_ROOT"),
  BRANCH_HAS_CHILDREN: refused("BRANCH_HAS_CHILDREN"),
  BRANCH_EXPIRES: refused("BRANCH_EXPIRES"),
  BRANCH_ALREADY_EXISTS: { code: "CONFLICT", reason: "BRANCH_NAME_TAKEN" },
  PROJECT_NOT_FOUND: absent("PROJECT_NOT_FOUND"),
  BRANCH_NOT_FOUND: absent("BRANCH_NOT_FOUND"),
  DEFAULT_BRANCH_NOT_FOUND: absent("BRANCH_NOT_FOUND"),
  ENDPOINT_NOT_FOUND: absent("ENDPOINT_NOT_FOUND"),
  DATABASE_NOT_FOUND: absent("DATABASE_NOT_FOUND"),
  POINT_IN_TIME_IN_FUTURE: outsideHistory,
  POINT_IN_TIME_BEFORE_HISTORY: outsideHistory,
  POINT_IN_TIME_UNREACHABLE: outsideHistory,
  LSN_BEYOND_LOG: outsideHistory,
  NO_HISTORY: outsideHistory,
};

/** A failed call by its code; without one by its status, and a 422 without one by Neon's sentence. */
export function meaningOf(status: number | undefined, body: ApiErrorBody = {}): ApiMeaning {
  const known = body.code ? byCode[body.code] : undefined;
  if (known) return known;
  if (status === 422 && !body.code) {
    const reason = neonRefusal(body.message ?? "");
    if (reason) return { code: "REFUSED", reason };
  }
  return (status === undefined ? undefined : byStatus[status]) ?? { code: "UPSTREAM" };
}

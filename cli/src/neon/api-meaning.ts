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
};

/** What the API's own codes mean. A 422 with none of these is a value that it does not take. */
const byCode: Readonly<Record<string, ApiMeaning>> = {
  BRANCH_PROTECTED: { code: "REFUSED", reason: "BRANCH_PROTECTED" },
  BRANCH_IS_DEFAULT: { code: "REFUSED", reason: "BRANCH_IS_DEFAULT" },
  BRANCH_IS_ROOT: { code: "REFUSED", reason: "BRANCH_IS_ROOT" },
  BRANCH_HAS_CHILDREN: { code: "REFUSED", reason: "BRANCH_HAS_CHILDREN" },
  BRANCH_ALREADY_EXISTS: { code: "CONFLICT", reason: "BRANCH_NAME_TAKEN" },
  BRANCH_NAME_TAKEN: { code: "CONFLICT", reason: "BRANCH_NAME_TAKEN" },
  PROJECT_NOT_FOUND: { code: "NOT_FOUND", reason: "PROJECT_NOT_FOUND" },
  BRANCH_NOT_FOUND: { code: "NOT_FOUND", reason: "BRANCH_NOT_FOUND" },
  ENDPOINT_NOT_FOUND: { code: "NOT_FOUND", reason: "ENDPOINT_NOT_FOUND" },
  DATABASE_NOT_FOUND: { code: "NOT_FOUND", reason: "DATABASE_NOT_FOUND" },
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

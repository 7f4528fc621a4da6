import type { ErrorCode } from "../errors/ds-error.ts";
import type { ErrorReason } from "../errors/error-reason.ts";
import type { ApiErrorBody } from "./api-failure.ts";
import { neonRefusal, wantsOrganization } from "./neon-says.ts";
import { limitHint, planLimit } from "./plan-limits.ts";

export interface ApiMeaning {
  code: ErrorCode;
  reason?: ErrorReason;
  /** What it is about, where the API's own sentence does not say it. */
  says?: string;
  /** What to do about it. */
  hint?: string;
}

/** What a status means by itself; any other is UPSTREAM. */
const byStatus: Readonly<Record<number, ApiMeaning>> = {
  401: { code: "CREDENTIALS", reason: "API_KEY_REJECTED" },
  403: {
    code: "CREDENTIALS",
    reason: "API_KEY_FORBIDDEN",
    hint: "NEON_API_KEY is accepted, but may not do this. A key of one project can neither list nor make projects: give the project's id, with NEON_PROJECT_ID or `project` in ds.config.ts. Else use a key of somebody who may.",
  },
  404: { code: "NOT_FOUND" },
  409: { code: "CONFLICT" },
  412: {
    code: "PREREQUISITE_MISSING",
    reason: "PASSWORD_NOT_STORED",
    hint: "The project was made with store_passwords: false, so nobody can read a password again, and ds cannot make a connection string. Work with a project that stores them, which is the default.",
  },
  423: {
    code: "LOCKED",
    reason: "PROJECT_BUSY",
    hint: "Another operation is running on the project. Try again in a moment, or wait for longer: --wait 15m",
  },
  429: {
    code: "UPSTREAM",
    reason: "RATE_LIMITED",
    hint: "The API limits how many requests an account makes in a minute. Try again in a minute, or wait for longer: --wait 15m",
  },
  503: {
    code: "UPSTREAM",
    reason: "API_UNAVAILABLE",
    hint: "The API says that it is not available right now, as during maintenance. Try again later; for Neon's cloud see https://neonstatus.com",
  },
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
  TABLE_LOCKED: { code: "LOCKED", reason: "TABLE_LOCKED", hint: "Try again in a moment." },
  HOST_NOT_ALLOWED: {
    code: "CONFIG_INVALID",
    reason: "API_HOST_INVALID",
    hint: "The engine answers at this machine's own names alone: ds engine env",
  },
  PASSWORD_UNKNOWN: {
    code: "PREREQUISITE_MISSING",
    reason: "PASSWORD_NOT_STORED",
    hint: "Give the role a new password, which whoever uses it needs then: the API's reset_password.",
  },
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

const organizationMissing: ApiMeaning = {
  code: "CONFIG_INVALID",
  reason: "ORGANIZATION_UNCLEAR",
  hint: "Set NEON_ORG_ID, or org in ds.config.ts, to the organization's id, which Neon's console shows in its settings; or, for a project that exists, give the project's id: ds setup --project <id>",
};

/** A failed call by its code; without one by its status, and a 422 without one by Neon's sentence. */
export function meaningOf(status: number | undefined, body: ApiErrorBody = {}): ApiMeaning {
  const { code = "", message = "" } = body;
  const known = byCode[code];
  if (known) return known;
  if (status === 400 && wantsOrganization(message)) return organizationMissing;
  if (status === 422 || status === 403) {
    const limit = planLimit(code, message);
    if (limit) {
      const says = `the plan's limit of ${limit.what} is reached`;
      return { code: "UPSTREAM", reason: "PLAN_LIMIT", says, hint: limitHint(limit) };
    }
  }
  if (status === 422 && code === "") {
    const reason = neonRefusal(message);
    if (reason) return { code: "REFUSED", reason };
  }
  return (status === undefined ? undefined : byStatus[status]) ?? { code: "UPSTREAM" };
}

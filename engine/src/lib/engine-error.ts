import type { EngineErrorCode } from "./error-codes.ts";

/** A refusal or failure that the API answers with; the status follows Neon's own. */
export class EngineError extends Error {
  readonly status: number;
  readonly code: EngineErrorCode;

  constructor(status: number, code: EngineErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "EngineError";
    this.status = status;
    this.code = code;
  }
}

const notFoundCodes = {
  project: "PROJECT_NOT_FOUND",
  branch: "BRANCH_NOT_FOUND",
  "default branch": "DEFAULT_BRANCH_NOT_FOUND",
  endpoint: "ENDPOINT_NOT_FOUND",
  role: "ROLE_NOT_FOUND",
  database: "DATABASE_NOT_FOUND",
  operation: "OPERATION_NOT_FOUND",
  snapshot: "SNAPSHOT_NOT_FOUND",
  extension: "EXTENSION_NOT_FOUND",
  organization: "ORGANIZATION_NOT_FOUND",
  permission: "PERMISSION_NOT_FOUND",
  "API key": "API_KEY_NOT_FOUND",
} satisfies Record<string, EngineErrorCode>;

export const notFound = (what: keyof typeof notFoundCodes) =>
  new EngineError(404, notFoundCodes[what], `${what} not found`);

export const badRequest = (code: EngineErrorCode, message: string) =>
  new EngineError(400, code, message);

/** 422: the request is well formed, but the state of things does not allow it. */
export const unprocessable = (code: EngineErrorCode, message: string) =>
  new EngineError(422, code, message);

export const conflict = (code: EngineErrorCode, message: string) =>
  new EngineError(409, code, message);

/** 412: the project was made with `store_passwords: false`. */
export const passwordNotStored = () =>
  new EngineError(
    412,
    "PASSWORD_NOT_STORED",
    "passwords are not stored in this project: they are told when they are made or reset, and never again",
  );

/** Neon's own wording; its clients retry on 423. */
export const locked = () =>
  new EngineError(
    423,
    "CONFLICTING_OPERATIONS",
    "project already has running conflicting operations, scheduling of new ones is prohibited",
  );

/** 507: the volume that holds the branches is full. */
export const diskFull = (cause: unknown) =>
  new EngineError(
    507,
    "DISK_FULL",
    "no space left on the volume that holds the branches; nothing was changed",
    cause,
  );

/** What rules return is thrown by those who have to keep to them. */
export function throwIf(refusal: EngineError | undefined): void {
  if (refusal) throw refusal;
}

/** A refusal or failure that the API answers with; `code` and `status` follow Neon's own. */
export class EngineError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "EngineError";
    this.status = status;
    this.code = code;
  }
}

export const notFound = (what: string) => new EngineError(404, "", `${what} not found`);

export const badRequest = (message: string) => new EngineError(400, "", message);

/** 422: the request is well formed, but the state of things does not allow it. */
export const unprocessable = (message: string, code = "") => new EngineError(422, code, message);

export const conflict = (code: string, message: string) => new EngineError(409, code, message);

/** Neon's own wording; its clients retry on 423. */
export const locked = () =>
  new EngineError(
    423,
    "",
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

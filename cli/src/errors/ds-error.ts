import type { ErrorReason } from "./error-reason.ts";

/**
 * Every way a command can fail on purpose. The code is part of the interface (`--json` prints it),
 * the number is the process's exit status.
 */
export const exitStatus = {
  /** Our bug, or something nobody foresaw. */
  UNEXPECTED: 1,

  /** A bad argument, or flags that contradict each other. */
  USAGE: 2,
  /** A destructive command without a terminal to ask on and without --yes. */
  CONFIRMATION_REQUIRED: 2,
  /** The person answered no. */
  NOT_CONFIRMED: 2,

  /** ds.config.ts or an environment variable is missing or wrong. */
  CONFIG_INVALID: 3,
  /** No API key, or one that the API does not accept. */
  CREDENTIALS: 3,
  /** A program or a file that the command needs is not on this machine. */
  PREREQUISITE_MISSING: 3,
  /** The env file, or another file of the checkout, cannot be written. */
  FILE_NOT_WRITABLE: 3,

  /** No such stage, branch, project, secret or stack. */
  NOT_FOUND: 4,

  /** Somebody else holds the lock, and the wait is over. */
  LOCKED: 5,
  /** The name, port or process is already in use. */
  CONFLICT: 5,

  /** Protected, shared, or not provably the branch that was meant. */
  REFUSED: 6,
  /** An applied migration was changed, or one arrived late on a shared stage. */
  MIGRATION_REFUSED: 6,

  /** A statement failed: file, line and column are in the error's details. */
  SQL_FAILED: 7,

  /** The API, Postgres, AWS or Pulumi failed or is out of reach. */
  UPSTREAM: 8,

  /** `--check` found work that is pending. */
  PENDING: 9,
  /** `--strict` found what should not run as it is. */
  FINDINGS: 9,

  /** Ctrl-C, or the terminal went away. */
  INTERRUPTED: 130,
} as const;

export type ErrorCode = keyof typeof exitStatus;

export interface DsErrorOptions {
  /** What exactly it was, where the code covers several cases: one name of `ErrorReason`. */
  reason?: ErrorReason | undefined;
  /** What to do next: a sentence, with the command in it where there is one. */
  hint?: string | undefined;
  /** Facts for `--json` and for the printer: file, line, pid, branch ... Never a secret. */
  details?: Record<string, unknown>;
  cause?: unknown;
}

/** A failure that a person can act on. Everything else that is thrown counts as our bug. */
export class DsError extends Error {
  readonly code: ErrorCode;
  readonly reason: ErrorReason | undefined;
  readonly hint: string | undefined;
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, options: DsErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "DsError";
    this.code = code;
    this.reason = options.reason;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }

  get status(): number {
    return exitStatus[this.code];
  }

  /** The same failure, of the same class, with other words or facts. */
  with(changes: Partial<Pick<DsError, "code" | "message" | "reason" | "hint" | "details">>): this {
    const copy = Object.create(Object.getPrototypeOf(this), Object.getOwnPropertyDescriptors(this));
    // An accessor of the original alone, from Node 21 on.
    Object.defineProperty(copy, "stack", { value: this.stack, writable: true, configurable: true });
    return Object.assign(copy, changes);
  }
}

/** Ends the command with the status of a program that it ran and that has said all there is to say. */
export class ChildExit extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`exit status ${status}`);
    this.name = "ChildExit";
    this.status = status;
  }
}

import type { ApiFailure } from "../api-failure.ts";

/** A call of the API that did not end as it should, as `apiError` reads it; the SDK has classes of its own. */
export class CallFailed extends Error implements ApiFailure {
  readonly kind: string;
  readonly status?: number;
  readonly body?: NonNullable<ApiFailure["body"]>;
  readonly reason?: string;
  readonly retryAfterMs?: number;

  constructor(kind: string, message: string, more: Omit<ApiFailure, "kind" | "message"> = {}) {
    super(message);
    this.name = "CallFailed";
    this.kind = kind;
    Object.assign(this, more);
  }
}

/** Neon's error body. The engine's code is never empty; the cloud's often is. */
export interface ApiErrorBody {
  code?: string;
  message?: string;
}

/** What is read of a failed API call, whoever made it. */
export interface ApiFailure {
  message: string;
  /** The kind of failure: "network", "aborted", "timeout", "operation", "api" ... */
  kind?: string;
  /** HTTP status, when there was an answer; of a failed operation the operation's, which is a word. */
  status?: number | string;
  body?: ApiErrorBody;
  /** For "network": ECONNREFUSED and its like. */
  reason?: string;
  /** Milliseconds that the answer asks to wait before the next attempt. */
  retryAfterMs?: number;
  /** Milliseconds for which it was repeated before it was given up. */
  waitedMs?: number;
}

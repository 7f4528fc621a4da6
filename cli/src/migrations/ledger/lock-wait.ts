/** How long to wait for other sessions' locks before LOCKED. */
export interface LockWait {
  milliseconds: number;
  /** Ends the wait at once. */
  signal: AbortSignal;
}

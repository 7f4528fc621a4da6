/**
 * Milliseconds since the process began, whatever happens to the clock. Node loads a module of its own for
 * the first touch of `performance`, for as long as a short command takes to run one query.
 */
export function monotonicMs(): number {
  return process.uptime() * 1000;
}

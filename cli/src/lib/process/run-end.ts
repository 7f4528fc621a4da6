/** How one life of a process ended. */
export interface RunEnd {
  /** Exit status; null when a signal ended it. */
  status: number | null;
  signal: string | null;
  /** Milliseconds it lived. */
  lasted: number;
}

/** The status a shell reports: 128 and the signal's number for a process that a signal ended. */
export function shellStatus(
  end: Pick<RunEnd, "status" | "signal">,
  signals: Record<string, number>,
): number {
  if (end.status !== null) return end.status;
  return 128 + (signals[end.signal ?? ""] ?? 0);
}

export function describeEnd({ status, signal }: Pick<RunEnd, "status" | "signal">): string {
  return status === null ? `was ended by ${signal}` : `exited with status ${status}`;
}

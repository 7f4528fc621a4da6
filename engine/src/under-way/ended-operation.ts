import type { OperationRecord } from "../model/records.ts";

/** The operation, which is over from now on. */
export function endedOperation(
  operation: OperationRecord,
  how: Pick<OperationRecord, "status" | "error">,
): OperationRecord {
  const now = new Date().toISOString();
  const totalDurationMs = Math.max(0, Date.parse(now) - Date.parse(operation.createdAt));
  return { ...operation, ...how, updatedAt: now, totalDurationMs };
}

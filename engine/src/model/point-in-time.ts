import { badRequest, unprocessable } from "../lib/engine-error.ts";
import { parseLsn } from "./lsn.ts";
/** A moment of a branch's past: a time (ISO 8601) or a position in its log. */
export type PointInTime = { timestamp: string } | { lsn: string };

export function momentOf(
  lsn: string | undefined,
  timestamp: string | undefined,
): PointInTime | undefined {
  if (lsn && timestamp)
    throw unprocessable(
      "POINT_IN_TIME_AMBIGUOUS",
      "give a position (lsn) or a timestamp, not both",
    );
  if (lsn && parseLsn(lsn) === undefined)
    throw badRequest("LSN_INVALID", `"${lsn}" is not a log sequence number`);
  if (lsn) return { lsn };
  return timestamp ? { timestamp } : undefined;
}

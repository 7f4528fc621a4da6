import { DsError } from "../errors/ds-error.ts";
import { describeMoment, type PointInTime } from "./point-in-time.ts";

/** What the API says of a moment that it cannot give (422, and no rule of another kind) as one that was not found. */
export function outsideHistory(error: unknown, at: PointInTime): unknown {
  if (!(error instanceof DsError) || error.details.httpStatus !== 422) return error;
  if (error.reason !== undefined && error.reason !== "OUTSIDE_HISTORY") return error;
  return error.with({
    code: "NOT_FOUND",
    reason: "OUTSIDE_HISTORY",
    message: `${describeMoment(at, new Date())} cannot be had: ${error.message}`,
    hint: "A branch's history goes back as far as its project keeps it (24 hours by default), and begins anew with each reset: `ds db undo` brings back what was before one.",
  });
}

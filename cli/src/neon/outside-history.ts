import { DsError } from "../errors/ds-error.ts";
import { describeMoment, type PointInTime } from "./point-in-time.ts";

/** What the API says of a moment that it cannot give, as one that was not found. */
export function outsideHistory(error: unknown, at: PointInTime): unknown {
  if (!(error instanceof DsError) || !isOutside(error)) return error;
  return error.with({
    code: "NOT_FOUND",
    reason: "OUTSIDE_HISTORY",
    message: `${describeMoment(at, new Date())} cannot be had: ${error.message}`,
    hint: "A branch's history goes back as far as its project keeps it (24 hours by default), and begins with its creation or its last reset. Name a later moment.",
  });
}

/** Of a 422 without a code, as Neon's cloud sends it, the moment is what the request had that is not usual. */
function isOutside({ reason, details }: DsError): boolean {
  if (reason !== undefined) return reason === "OUTSIDE_HISTORY";
  return details.httpStatus === 422 && details.apiCode === undefined;
}

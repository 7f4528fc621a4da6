import type { Client } from "pg";
import type { Arrivals } from "../../arrives/arrivals.ts";
import { lookAtArrivals } from "../../arrives/io/look-at-arrivals.ts";
import { makePlan } from "../../plan/io/make-plan.ts";
import type { RefreshJob } from "./job.ts";

/**
 * What comes along of others and unmasked. Where main differs from production, a migration may be pending on it, and
 * what that brings comes along, too: then it is told as if main had all that production has.
 */
export async function arrivalsOf(
  production: Client,
  made: Awaited<ReturnType<typeof makePlan>>,
  job: RefreshJob,
): Promise<Arrivals> {
  const lacks = made.problems.some(({ kind }) => kind === "types");
  const whole = lacks ? await makePlan(production, production, job) : made;
  return lookAtArrivals(production, { ...whole, rules: job.rules });
}

import { z } from "zod";
import { flag, id, timestamp, wholeNumber } from "./fields.ts";

/** Requests about what was consumed. */

/** Several ids, written as one value with commas or as several values. */
const ids = z
  .array(z.string())
  .transform((values) => values.flatMap((value) => value.split(",")).filter(Boolean))
  .pipe(z.array(id).max(100, "must have at most 100 entries"));

const period = {
  from: timestamp,
  to: timestamp,
  granularity: z.enum(["hourly", "daily", "monthly"], "must be hourly, daily or monthly"),
  project_ids: ids.optional(),
  cursor: z.string().optional(),
  limit: wholeNumber(1, 100).default(10),
};

const inOrder = ({ from, to }: { from: string; to: string }) => Date.parse(from) <= Date.parse(to);
const notInOrder = { error: "must not be before from", path: ["to"] };

const metrics = z.array(z.string());

export const projectConsumptionQuery = z
  .object({
    ...period,
    org_id: id.optional(),
    include_v1_metrics: flag.optional(),
    metrics: metrics.optional(),
  })
  .refine(inOrder, notInOrder);

export const projectConsumptionV2Query = z
  .object({ ...period, org_id: id, metrics })
  .refine(inOrder, notInOrder);

export const branchConsumptionQuery = z
  .object({
    ...period,
    limit: wholeNumber(1, 1000).default(100),
    project_ids: ids,
    branch_ids: ids.optional(),
    org_id: id,
    metrics,
  })
  .refine(inOrder, notInOrder);

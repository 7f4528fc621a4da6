import { z } from "zod";
import { parseDuration } from "../../lib/format/duration.ts";

const duration = z.string().refine(
  (value) => {
    try {
      return parseDuration(value) > 0;
    } catch {
      return false;
    }
  },
  { message: "must be a duration such as 90s, 24h or 14d" },
);

export const auditSchema = z.strictObject({
  grace: duration.optional(),
  inactive: duration.optional(),
  timeout: duration.optional(),
});

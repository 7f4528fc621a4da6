import { z } from "zod";
import { branchCreate } from "./branch-schemas.ts";
import { annotations, optional } from "./fields.ts";

/** Requests about anonymized branches. */

const name = z.string().min(1, "must not be empty").max(63, "must have at most 63 characters");
const expression = optional(
  z.string().min(1, "must not be empty").max(2000, "must have at most 2000 characters"),
);

const maskingRules = z
  .array(
    z.object({
      database_name: name,
      schema_name: name,
      table_name: name,
      column_name: name,
      masking_function: expression,
      masking_value: expression,
    }),
  )
  .max(2000, "must have at most 2000 entries");

export const anonymizedCreate = z.object({
  branch_create: optional(branchCreate.omit({ annotation_value: true })),
  masking_rules: optional(maskingRules),
  start_anonymization: optional(z.boolean()),
  annotation_value: optional(annotations),
});

export const maskingRulesUpdate = z.object({ masking_rules: maskingRules });

import { z } from "zod";
import { newBranchEndpoint } from "./endpoint-schemas.ts";
import {
  annotations,
  branchName,
  expiry,
  flag,
  id,
  lsn,
  optional,
  sortOrder,
  timestamp,
  wholeNumber,
} from "./fields.ts";

/** Requests about branches. */

export const branchCreate = z.object({
  branch: optional(
    z.object({
      // "If omitted or empty": the default branch.
      parent_id: optional(id.or(z.literal("").transform(() => undefined))),
      name: optional(branchName),
      parent_lsn: optional(lsn),
      parent_timestamp: optional(timestamp),
      protected: optional(z.boolean()),
      archived: optional(z.boolean()),
      init_source: optional(
        z.enum(["parent-data", "schema-only"], "must be parent-data or schema-only"),
      ),
      expires_at: optional(expiry),
    }),
  ),
  endpoints: optional(z.array(newBranchEndpoint).max(10, "must have at most 10 entries")),
  annotation_value: optional(annotations),
});

export const branchUpdate = z.object({
  branch: z.object({
    name: optional(branchName),
    protected: optional(z.boolean()),
    // Here null is not the same as absent: it removes the expiry.
    expires_at: expiry.nullish(),
  }),
});

export const branchRestore = z.object({
  source_branch_id: id,
  source_lsn: optional(lsn),
  source_timestamp: optional(timestamp),
  preserve_under_name: optional(branchName.or(z.literal("").transform(() => undefined))),
});

export const branchesQuery = z.object({
  include_deleted: flag.optional(),
  search: z.string().optional(),
  sort_by: z
    .enum(["name", "created_at", "updated_at"], "must be name, created_at or updated_at")
    .default("updated_at"),
  sort_order: sortOrder,
  cursor: z.string().optional(),
  limit: wholeNumber(1, 10_000).default(10_000),
});

/** A deleted branch cannot be had back here, so that every deletion is a hard one. */
export const branchDeletionQuery = z.object({ hard_delete: flag.optional() });

export const branchCountQuery = z.object({ search: z.string().optional() });

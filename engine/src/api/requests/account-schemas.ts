import { z } from "zod";
import { label, sortOrder, wholeNumber } from "./fields.ts";

/** Requests about the account: its members and keys, and who else may see a project. */

export const membersQuery = z.object({
  sort_by: z
    .enum(["email", "role", "joined_at"], "must be email, role or joined_at")
    .default("joined_at"),
  sort_order: sortOrder,
  cursor: z.string().optional(),
  limit: wholeNumber(1, 500).optional(),
});

export const apiKeyCreate = z.object({ key_name: label(64) });

export const permissionGrant = z.object({
  email: z.email("must be an e-mail address").max(256, "must have at most 256 characters"),
});

import { z } from "zod";
import { id, label, lsn, optional, timestamp } from "./fields.ts";

/** What requests about snapshots must look like; see fields.ts. */

const name = label(256);

const branchName = name.refine(
  (value) => !/^br-[a-z0-9]+-[a-z0-9]+-[a-z0-9]+$/.test(value),
  "must not have the form of a branch id",
);

const expiry = timestamp
  .refine((value) => Date.parse(value) > Date.now(), "must be in the future")
  .transform((value) => new Date(value).toISOString());

export const snapshotQuery = z.object({
  name: optional(name),
  timestamp: optional(timestamp),
  lsn: optional(lsn),
  expires_at: optional(expiry),
});

export const snapshotUpdate = z.object({
  // null is not the same as absent: it removes the expiry.
  snapshot: z.object({ name: optional(name), expires_at: expiry.nullish() }),
});

export const snapshotRestoreQuery = z.object({ name: optional(branchName) });

export const snapshotRestore = z.object({
  name: optional(branchName),
  target_branch_id: optional(id),
  finalize_restore: optional(z.boolean()),
});

export const restoreFinalize = z.object({ name: optional(branchName) });

const within = (least: number, most: number) =>
  optional(z.int().min(least, `must be at least ${least}`).max(most, `must be at most ${most}`));

export const backupSchedule = z.object({
  schedule: z
    .array(
      z.object({
        frequency: z.enum(
          ["hourly", "daily", "weekly", "monthly", "yearly"],
          "must be hourly, daily, weekly, monthly or yearly",
        ),
        hour: within(0, 23),
        day: within(1, 31),
        month: within(1, 12),
        retention_seconds: optional(z.int().min(3600, "must be at least 3600")),
      }),
    )
    .max(20, "must have at most 20 entries"),
});

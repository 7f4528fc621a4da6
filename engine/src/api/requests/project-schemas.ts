import { z } from "zod";
import { inOrder, notInOrder, pgSettings, sizing } from "./compute-fields.ts";
import {
  annotations,
  branchName,
  flag,
  id,
  identifier,
  ignored,
  label,
  optional,
  roleName,
  wholeNumber,
} from "./fields.ts";

/** Requests about projects, and about what stands above and below them all. */

const firstDatabaseName = identifier.refine(
  (value) => !/^(postgres|template0|template1)$/.test(value),
  "is the name of a database that every server has",
);

const defaultEndpointSettings = z
  .object({ ...sizing, pg_settings: optional(pgSettings), pgbouncer_settings: ignored.texts })
  .refine(inOrder, notInOrder);

const count = optional(z.int().min(0, "must not be negative"));

const clock = label(64);

const projectSettings = z.object({
  quota: z
    .object({
      active_time_seconds: count,
      compute_time_seconds: count,
      written_data_bytes: count,
      data_transfer_bytes: count,
      logical_size_bytes: count,
    })
    .optional(),
  allowed_ips: z
    .object({
      ips: z.array(z.string()).optional(),
      protected_branches_only: z.boolean().optional(),
    })
    .optional(),
  enable_logical_replication: z.boolean().optional(),
  maintenance_window: z
    .object({
      weekdays: z.array(z.int().min(1).max(7)),
      start_time: clock,
      end_time: clock,
    })
    .optional(),
  block_public_connections: z.boolean().optional(),
  block_vpc_connections: z.boolean().optional(),
  audit_log_level: z.enum(["base", "extended", "full"]).optional(),
  hipaa: z.boolean().optional(),
  preload_libraries: z
    .object({
      use_defaults: z.boolean().optional(),
      enabled_libraries: z.array(z.string()).optional(),
    })
    .optional(),
});

const changeableOfProject = {
  name: optional(label(256)),
  settings: optional(projectSettings),
  default_endpoint_settings: optional(defaultEndpointSettings),
  history_retention_seconds: optional(
    z.int().min(0, "must not be negative").max(2_592_000, "must be at most 2592000 (30 days)"),
  ),
};

export const projectCreate = z.object({
  project: z
    .object({
      ...changeableOfProject,
      autoscaling_limit_min_cu: sizing.autoscaling_limit_min_cu,
      autoscaling_limit_max_cu: sizing.autoscaling_limit_max_cu,
      provisioner: optional(label(64)),
      region_id: optional(label(64)),
      store_passwords: optional(z.boolean()),
      org_id: optional(id),
      pg_version: optional(z.int().min(14, "must be at least 14").max(18, "must be at most 18")),
      branch: optional(
        z.object({
          name: optional(branchName),
          role_name: optional(roleName),
          database_name: optional(firstDatabaseName),
          annotations: optional(annotations),
        }),
      ),
    })
    .refine(inOrder, notInOrder),
});

export const projectUpdate = z.object({ project: z.object(changeableOfProject) });

export const projectsQuery = z.object({
  cursor: z.string().optional(),
  limit: wholeNumber(1, 400).default(10),
  search: z.string().optional(),
  org_id: id.optional(),
  timeout: wholeNumber(100, 30_000).optional(),
  recoverable: flag.default(false),
});

export const regionsQuery = z.object({ org_id: id.optional() });

export const operationsQuery = z.object({
  cursor: z.string().optional(),
  limit: wholeNumber(1, 1000).default(1000),
});

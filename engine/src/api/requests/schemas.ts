import { z } from "zod";
import { isReservedSetting } from "../../postgres/reserved-settings.ts";

/**
 * What requests must look like: the shapes, lengths and ranges of Neon's API description
 * (ProjectCreateRequest, BranchCreateRequest, ...). Fields it does not name are ignored, as there.
 */

/** Neon's API takes null for an absent field. */
const optional = <Shape extends z.ZodType>(shape: Shape) =>
  shape.nullish().transform((value) => value ?? undefined);

const id = z.string().regex(/^[a-z0-9-]{1,60}$/, "must be an id");

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it looks for
const controlCharacter = /[\u0000-\u001f\u007f]/;

const label = (longest: number) =>
  z
    .string()
    .min(1, "must not be empty")
    .max(longest, `must have at most ${longest} characters`)
    .refine((value) => !controlCharacter.test(value), "must not hold control characters")
    // JSON can hold half of a surrogate pair; neither UTF-8 nor Postgres can.
    .refine((value) => !/\p{Surrogate}/u.test(value), "must be valid Unicode");

const branchName = label(256).refine(
  (value) => !/^br-[a-z0-9]+-[a-z0-9]+-[a-z0-9]+$/.test(value),
  "must not have the form of a branch id",
);

/** Postgres' own limit for identifiers. */
const identifier = label(63).refine(
  (value) => Buffer.byteLength(value) <= 63,
  "must have at most 63 bytes",
);

const roleName = identifier.refine(
  (value) => !/^(pg_.*|public|none|cloud_admin|neon_superuser)$/.test(value),
  "is a reserved role name",
);

const firstDatabaseName = identifier.refine(
  (value) => !/^(postgres|template0|template1)$/.test(value),
  "is the name of a database that every server has",
);

const timestamp = z.iso.datetime({ offset: true, error: "must be an RFC 3339 timestamp" });

const lsn = z
  .string()
  .regex(/^[0-9A-Fa-f]{1,8}\/[0-9A-Fa-f]{1,8}$/, "must be an LSN like 0/1E88838");

const dayMs = 24 * 60 * 60 * 1000;

/** Comes out in UTC. */
const expiry = timestamp
  .refine((value) => Date.parse(value) > Date.now(), "must be in the future")
  .refine(
    (value) => Date.parse(value) <= Date.now() + 30 * dayMs,
    "must be at most 30 days in the future",
  )
  .transform((value) => new Date(value).toISOString());

const computeUnits = z.number().min(0.25, "must be at least 0.25");

/** These become arguments of Postgres; whether it takes the values, a start with them tells. */
const pgSettings = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_.]{0,62}$/, "must be the name of a Postgres setting")
      .refine((name) => !isReservedSetting(name), "cannot be set: it is the engine's own"),
    z
      .string()
      .max(1000, "must have at most 1000 characters")
      .refine((value) => !controlCharacter.test(value), "must not hold control characters"),
  )
  .refine((value) => Object.keys(value).length <= 200, "must have at most 200 entries");

const annotations = z
  .record(z.string(), z.string())
  .refine((value) => Object.keys(value).length <= 50, "must have at most 50 entries");

/** What only says something in the cloud is checked for its form all the same, and then left alone. */
const ignored = {
  text: optional(z.string()),
  flag: optional(z.boolean()),
  texts: optional(z.record(z.string(), z.string())),
  libraries: optional(
    z.object({
      use_defaults: optional(z.boolean()),
      enabled_libraries: optional(z.array(z.string())),
    }),
  ),
};

const sizing = {
  autoscaling_limit_min_cu: optional(computeUnits),
  autoscaling_limit_max_cu: optional(computeUnits),
  suspend_timeout_seconds: optional(
    z.int().min(-1, "must be at least -1").max(604_800, "must be at most 604800"),
  ),
};

interface Sizing {
  autoscaling_limit_min_cu?: number | undefined;
  autoscaling_limit_max_cu?: number | undefined;
}

const inOrder = (value: Sizing) =>
  value.autoscaling_limit_min_cu === undefined ||
  value.autoscaling_limit_max_cu === undefined ||
  value.autoscaling_limit_min_cu <= value.autoscaling_limit_max_cu;

const notInOrder = "autoscaling_limit_min_cu must not be above autoscaling_limit_max_cu";

const defaultEndpointSettings = z
  .object({ ...sizing, pg_settings: optional(pgSettings), pgbouncer_settings: ignored.texts })
  .refine(inOrder, notInOrder);

const count = optional(z.int().min(0, "must not be negative"));

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
      start_time: z.string(),
      end_time: z.string(),
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
      provisioner: ignored.text,
      region_id: ignored.text,
      store_passwords: ignored.flag,
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

const endpointType = z.enum(["read_write", "read_only"], "must be read_write or read_only");

const endpointSettings = z.object({
  pg_settings: optional(pgSettings),
  pgbouncer_settings: ignored.texts,
  preload_libraries: ignored.libraries,
});

const newBranchEndpoint = z
  .object({
    ...sizing,
    type: endpointType,
    settings: optional(endpointSettings),
    provisioner: ignored.text,
  })
  .refine(inOrder, notInOrder);

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

const changeableOfEndpoint = {
  ...sizing,
  settings: optional(endpointSettings),
  disabled: optional(z.boolean()),
  name: optional(label(64)),
  provisioner: ignored.text,
  pooler_enabled: ignored.flag,
  pooler_mode: optional(z.enum(["transaction"], "must be transaction")),
  passwordless_access: ignored.flag,
};

export const endpointCreate = z.object({
  endpoint: z
    .object({
      ...changeableOfEndpoint,
      branch_id: id,
      type: endpointType,
      region_id: ignored.text,
    })
    .refine(inOrder, notInOrder),
});

export const endpointUpdate = z.object({
  endpoint: z
    .object({ ...changeableOfEndpoint, branch_id: optional(id) })
    .refine(inOrder, notInOrder),
});

export const roleCreate = z.object({
  role: z.object({ name: roleName, no_login: optional(z.boolean()) }),
});

export const databaseCreate = z.object({
  database: z.object({ name: identifier, owner_name: identifier }),
});

export const databaseUpdate = z.object({
  database: z.object({ name: optional(identifier), owner_name: optional(identifier) }),
});

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, "must be a whole number")
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be from ${least} to ${most}`);

const flag = z
  .enum(["true", "false"], "must be true or false")
  .transform((text) => text === "true");

export const projectsQuery = z.object({
  cursor: z.string().optional(),
  limit: wholeNumber(1, 400).default(10),
  search: z.string().optional(),
  org_id: id.optional(),
  timeout: wholeNumber(100, 30_000).optional(),
  recoverable: flag.default(false),
});

export const regionsQuery = z.object({ org_id: id.optional() });

export const branchesQuery = z.object({
  include_deleted: flag.optional(),
  search: z.string().optional(),
  sort_by: z
    .enum(["name", "created_at", "updated_at"], "must be name, created_at or updated_at")
    .default("updated_at"),
  sort_order: z.enum(["asc", "desc"], "must be asc or desc").default("desc"),
  cursor: z.string().optional(),
  limit: wholeNumber(1, 10_000).default(10_000),
});

/** A deleted branch cannot be had back here, so that every deletion is a hard one. */
export const branchDeletionQuery = z.object({ hard_delete: flag.optional() });

export const branchCountQuery = z.object({ search: z.string().optional() });

export const operationsQuery = z.object({
  cursor: z.string().optional(),
  limit: wholeNumber(1, 1000).default(1000),
});

export const connectionUriQuery = z.object({
  branch_id: id.optional(),
  endpoint_id: id.optional(),
  database_name: z.string("is required"),
  role_name: z.string("is required"),
  // One address serves both: the engine has no pooler to go through.
  pooled: flag.optional(),
});

/** No limit on the name: one that cannot exist is not found. */
const databaseOfSchema = z.string("is required").min(1, "must not be empty");

const instant = { lsn: lsn.optional(), timestamp: timestamp.optional() };

export const schemaQuery = z.object({
  ...instant,
  db_name: databaseOfSchema,
  format: z.enum(["sql", "json"], "must be sql or json").default("sql"),
});

export const schemaComparisonQuery = z.object({
  ...instant,
  db_name: databaseOfSchema,
  base_branch_id: id.optional(),
  base_lsn: lsn.optional(),
  base_timestamp: timestamp.optional(),
});

import { z } from "zod";

/** What files of the home must look like. What they have beside is kept: a later version may need it. */

/** Of files of the catalog. A file without one is from before there were versions. */
export const recordVersion = 1;

const version = z.number().optional();
const time = z.string().refine((text) => !Number.isNaN(Date.parse(text)), "is not a time");
const id = z.string().regex(/^[a-z0-9-]{1,60}$/, "is not an id");

/** One step below `data/pgdata`, and never a way out of it. */
const dataDir = z.string().regex(/^[a-z0-9-]{1,60}$/, "is not the name of a data directory");

const endpointSettings = z.looseObject({
  autoscalingLimitMinCu: z.number(),
  autoscalingLimitMaxCu: z.number(),
  suspendTimeoutSeconds: z.number(),
  pgSettings: z.record(z.string(), z.string()),
});

export const projectRecord = z.looseObject({
  version,
  id,
  name: z.string(),
  pgVersion: z.number().int(),
  createdAt: time,
  updatedAt: time,
  historyRetentionSeconds: z.number(),
  defaultEndpointSettings: endpointSettings,
  settings: z.record(z.string(), z.unknown()),
  permissions: z.array(z.looseObject({ id, email: z.string(), grantedAt: time })).optional(),
});

const role = z.looseObject({
  name: z.string(),
  password: z.string().optional(),
  createdAt: time,
  updatedAt: time,
});

const database = z.looseObject({
  id: z.number(),
  name: z.string(),
  ownerName: z.string(),
  createdAt: time,
  updatedAt: time,
});

const lsn = z.string().regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i, "is no position in a log");

/** What is taken to be equal without a look at it depends on these. */
const descent = z
  .array(
    z.looseObject({
      dataDir,
      at: time,
      lsn,
      open: z.union([
        z.literal("unknown"),
        z.array(z.looseObject({ database: z.number(), table: z.number() })),
      ]),
    }),
  )
  .optional();

const branch = z.looseObject({
  id,
  projectId: id,
  name: z.string().min(1),
  parentId: id.optional(),
  default: z.boolean(),
  protected: z.boolean(),
  initSource: z.enum(["parent-data", "schema-only"]),
  createdAt: time,
  updatedAt: time,
  expiresAt: time.optional(),
  roles: z.array(role),
  databases: z.array(database),
  dataDir,
  copiedFrom: dataDir.optional(),
  descent,
  passwordsToApply: z.array(z.string()),
  // What it says decides who may see the data.
  anonymization: z
    .looseObject({ state: z.enum(["initialized", "anonymizing", "anonymized", "error"]) })
    .optional(),
  pending: z
    .looseObject({ kind: z.enum(["create", "restore"]), operationIds: z.array(z.string()) })
    .optional(),
});

const endpoint = endpointSettings.extend({
  id,
  projectId: id,
  branchId: id,
  type: z.enum(["read_write", "read_only"]),
  port: z.number().int().min(1).max(65_535),
  disabled: z.boolean(),
  createdAt: time,
  updatedAt: time,
});

export const branchFile = z.looseObject({ version, branch, endpoints: z.array(endpoint) });

export const snapshotRecord = z.looseObject({
  version,
  id,
  projectId: id,
  name: z.string(),
  sourceBranchId: id,
  timestamp: time,
  createdAt: time,
  updatedAt: time,
  expiresAt: time.optional(),
  dataDir,
  descent,
  image: z.looseObject({ roles: z.array(role), databases: z.array(database) }),
});

export const identity = z
  .looseObject({
    version,
    dataDir,
    project: projectRecord,
    branch: branchFile.optional(),
    snapshot: snapshotRecord.optional(),
  })
  .refine((found) => Boolean(found.branch) !== Boolean(found.snapshot), "is of nothing");

export const baseBackup = z.looseObject({
  name: dataDir,
  validFrom: time,
  validFromLsn: lsn,
  firstSegment: z.string().regex(/^[0-9A-F]{24}$/, "is no segment of a log"),
});

export const settings = z.looseObject({
  homeId: z.string().min(1),
  port: z.number().int().min(1).max(65_535).optional(),
  cloneMethod: z.enum(["reflink", "copy"]).optional(),
  postgres: z.record(z.string().regex(/^\d{2}$/), z.string().startsWith("/")).optional(),
  volume: z
    .looseObject({ image: z.string().min(1), filesystem: z.enum(["xfs", "btrfs"]) })
    .optional(),
});

export const apiKeys = z.array(
  z.looseObject({
    id: z.number().int(),
    name: z.string(),
    digest: z.string().regex(/^[0-9a-f]{64}$/, "is not a digest"),
    createdAt: time,
    lastUsedAt: time.optional(),
    lastUsedFrom: z.string().optional(),
  }),
);

/** A file of the catalog below its directory; nothing else may be written or removed. */
const catalogPath = z
  .string()
  .regex(
    /^(dropped\/[a-z0-9-]{1,60}\.json|[a-z0-9-]{1,60}\/(project|(br|snap)-[a-z0-9-]{1,60})\.json|[a-z0-9-]{1,60}\/operations\.jsonl)$/,
    "is no file of the catalog",
  );

export const journal = z.looseObject({
  writes: z.array(z.looseObject({ path: catalogPath, content: z.looseObject({}) })),
  removes: z.array(catalogPath),
});

/** Why the value does not have the shape, in a few words; undefined when it has. */
export function misfit(schema: z.ZodType, value: unknown): string | undefined {
  const [issue] = schema.safeParse(value).error?.issues ?? [];
  if (!issue) return undefined;
  const at = issue.path.join(".");
  return at === "" ? issue.message : `${at}: ${issue.message}`;
}

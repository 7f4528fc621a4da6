import { z } from "zod";

/**
 * What fields of requests must look like: the shapes, lengths and ranges of Neon's API description
 * (ProjectCreateRequest, BranchCreateRequest, ...). Fields it does not name are ignored, as there.
 */

/** Neon's API takes null for an absent field. */
export const optional = <Shape extends z.ZodType>(shape: Shape) =>
  shape.nullish().transform((value) => value ?? undefined);

export const id = z.string().regex(/^[a-z0-9-]{1,60}$/, "must be an id");

/** C0, DEL and C1: terminals act on them. */
export const controlCharacter = /\p{Cc}/u;

/** Shows a text in another order than it has, or as several lines. */
const misleading = /[\p{Bidi_Control}\u2028\u2029]/u;

/** Names are shown on terminals and in logs, between other words. */
export const label = (longest: number) =>
  z
    .string()
    .min(1, "must not be empty")
    .max(longest, `must have at most ${longest} characters`)
    .refine((value) => !controlCharacter.test(value), "must not hold control characters")
    .refine((value) => !misleading.test(value), "must not hold marks that change how it is shown")
    // JSON can hold half of a surrogate pair; neither UTF-8 nor Postgres can.
    .refine((value) => !/\p{Surrogate}/u.test(value), "must be valid Unicode");

export const branchName = label(256).refine(
  (value) => !/^br-[a-z0-9]+-[a-z0-9]+-[a-z0-9]+$/.test(value),
  "must not have the form of a branch id",
);

/** Postgres' own limit for identifiers. */
export const identifier = label(63).refine(
  (value) => Buffer.byteLength(value) <= 63,
  "must have at most 63 bytes",
);

export const roleName = identifier.refine(
  (value) => !/^(pg_.*|public|none|cloud_admin|neon_superuser)$/.test(value),
  "is a reserved role name",
);

export const timestamp = z.iso.datetime({ offset: true, error: "must be an RFC 3339 timestamp" });

export const lsn = z
  .string()
  .regex(/^[0-9A-Fa-f]{1,8}\/[0-9A-Fa-f]{1,8}$/, "must be an LSN like 0/1E88838");

const dayMs = 24 * 60 * 60 * 1000;

/** Comes out in UTC. */
export const expiry = timestamp
  .refine((value) => Date.parse(value) > Date.now(), "must be in the future")
  .refine(
    (value) => Date.parse(value) <= Date.now() + 30 * dayMs,
    "must be at most 30 days in the future",
  )
  .transform((value) => new Date(value).toISOString());

export const annotations = z
  .record(z.string(), z.string())
  .refine((value) => Object.keys(value).length <= 50, "must have at most 50 entries");

/** What only says something in the cloud is checked for its form all the same, and then left alone. */
export const ignored = {
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

export const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, "must be a whole number")
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be from ${least} to ${most}`);

/** As Go's ParseBool takes it, which the cloud reads parameters with. */
export const flag = z
  .string()
  .regex(/^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/, "must be true or false")
  .transform((text) => /^[1t]/i.test(text));

/** Written in either case; the cloud answers in capitals. */
export const sortOrder = z
  .string()
  .regex(/^(asc|desc)$/i, "must be asc or desc")
  .transform((text): "asc" | "desc" => (text.toLowerCase() === "asc" ? "asc" : "desc"))
  .default("desc");

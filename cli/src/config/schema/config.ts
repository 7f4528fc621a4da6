import { z } from "zod";
import { isExtensionName } from "../../engine/extensions/name.ts";
import { DsError } from "../../errors/ds-error.ts";
import { parseBytes } from "../../lib/format/bytes.ts";
import type { Config } from "../define/config.ts";
import { auditSchema } from "./audit.ts";
import { deploySchema, infraSchema, secretsSchema } from "./deploy.ts";
import { refreshSchema } from "./refresh.ts";

const text = z.string().min(1, "must not be empty");
const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be the name of an environment variable");
const identifier = text.max(63, "is longer than Postgres allows (63)");
const name = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "must be lower-case letters, digits and single hyphens");
const stageName = name
  .refine((stage) => stage !== "main", "main is every project's default branch already")
  .refine((stage) => !stage.endsWith("-local"), "a name that ends in -local is a developer's");

const seed = z
  .strictObject({
    command: text,
    cwd: text.optional(),
    size: z
      .string()
      .regex(/^[\w.-]+$/, "must be letters, digits, dots and hyphens")
      .optional(),
  })
  .refine((value) => value.size === undefined || value.command.includes("{size}"), {
    path: ["size"],
    message: "has no effect, as the command has no {size} in it",
  });
const stage = z
  .strictObject({
    project: text.optional(),
    branch: text.optional(),
    seed: seed.optional(),
  })
  .refine((value) => value.seed === undefined || value.project !== undefined, {
    path: ["seed"],
    message: "fills a project of the stage's own, so `project` has to name one",
  });

const migrations = z
  .strictObject({
    folder: text.optional(),
    schema: identifier.optional(),
    table: identifier.optional(),
    late: z.enum(["fail", "apply"]).optional(),
    rehearse: z.enum(["shared", "required", "never"]).optional(),
    rules: z.record(text, z.enum(["error", "warning", "note", "off"])).optional(),
    smallTable: z
      .strictObject({
        rows: z.number().int().nonnegative().optional(),
        megabytes: z.number().nonnegative().optional(),
      })
      .optional(),
    command: text.optional(),
    check: text.optional(),
    cwd: text.optional(),
    records: z.array(text).optional(),
  })
  .superRefine((value, { addIssue }) => {
    const isTools = value.command !== undefined;
    const useless = isTools
      ? (["folder", "schema", "table", "late", "rules", "smallTable"] as const)
      : (["check", "cwd", "records"] as const);
    const message = isTools
      ? "is Drizzle's, and has no effect beside `command`"
      : "has no effect without `command`";
    for (const key of useless) {
      if (value[key] !== undefined) addIssue({ code: "custom", path: [key], message });
    }
  });

const schema = z.strictObject({
  project: text,
  org: z
    .string()
    .regex(/^[a-z0-9-]{1,60}$/, "must be the id of an organization, such as org-cool-moon-12345678")
    .optional(),
  stages: z.record(stageName, stage).optional(),
  database: identifier.optional(),
  role: identifier.optional(),
  stageVariable: variable.optional(),
  extensions: z
    .array(z.string().refine(isExtensionName, "must be the name of an extension"))
    .optional(),
  migrations: migrations.optional(),
  envFile: z
    .strictObject({
      path: text.optional(),
      url: variable.optional(),
      unpooledUrl: variable.optional(),
    })
    .optional(),
  recoveryPoints: z.int().min(1).max(20).optional(),
  limits: z
    .strictObject({
      branches: z.int().min(1).max(10_000).optional(),
      bytes: z
        .string()
        .refine((text) => parseBytes(text) !== undefined, "must be a size such as 500MB or 20GB")
        .optional(),
    })
    .optional(),
  seed: seed.optional(),
  generate: z.strictObject({ command: text, cwd: text.optional() }).optional(),
  secrets: secretsSchema.optional(),
  infra: infraSchema.optional(),
  deploy: deploySchema.optional(),
  audit: auditSchema.optional(),
  git: z.strictObject({ follow: z.enum(["worktree", "branch"]).optional() }).optional(),
  processes: z
    .record(
      name,
      z.strictObject({
        command: text,
        cwd: text.optional(),
        port: z.int().min(1).max(65535).optional(),
      }),
    )
    .optional(),
  refresh: refreshSchema.optional(),
});

interface Problem {
  /** `envFile.path`; empty for the whole. */
  setting: string;
  text: string;
  /** It is about what only the environment may say. */
  isCredential?: boolean;
}

/** The value as a Config, or one CONFIG_INVALID that lists everything wrong with it. */
export function validateConfig(value: unknown, file: string): Config {
  const isWithout = (value as Partial<Config> | undefined)?.migrations === false;
  const given = isWithout ? { ...(value as Config), migrations: undefined } : value;
  const result = schema.safeParse(given, { error: noSentence });
  const problems = [
    ...(result.success ? [] : result.error.issues.flatMap(describe)),
    ...unknownSource(value),
    ...credentialsIn(value),
  ];
  if (result.success && problems.length === 0) {
    return isWithout ? { ...(result.data as Config), migrations: false } : (result.data as Config);
  }
  const list = problems.map(({ text }) => `  ${text}`).join("\n");
  throw new DsError("CONFIG_INVALID", `${file} is not valid:\n${list}`, {
    reason: "CONFIG_SETTINGS",
    hint: problems.some(({ isCredential }) => isCredential)
      ? "Credentials and API hosts come from NEON_API_KEY and NEON_API_HOST in the environment, never from this file."
      : "Every setting is described in its type: Config of @devstride/ds.",
    details: {
      problems: problems.map(({ text }) => text),
      settings: problems.map(({ setting }) => setting),
    },
  });
}

/** A setting of the wrong type whose schema has no sentence of its own for that gets none of zod's either. */
const noSentence: z.core.$ZodErrorMap = ({ code }) => (code === "invalid_type" ? "" : undefined);

function describe(issue: z.core.$ZodIssue): Problem[] {
  const setting = issue.path.join(".");
  const at = setting || "the default export";
  const said = (text: string): Problem[] => [{ setting, text }];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => {
        const path = [...issue.path, key].join(".");
        return { setting: path, text: `${path} is not a setting`, isCredential: true };
      });
    case "invalid_key":
      return issue.issues.flatMap(({ message }) => said(`${at}: ${message}`));
    case "invalid_type":
      return said(
        issue.message === ""
          ? `${at} must be ${article(issue.expected)}`
          : `${at}: ${issue.message}`,
      );
    case "invalid_value":
      return said(`${at} must be one of ${issue.values.map(String).join(", ")}`);
    default:
      return said(`${at}: ${issue.message}`);
  }
}

const article = (type: string) => `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;

/** The refresh section may name one of the stages beside it. */
function unknownSource(value: unknown): Problem[] {
  const { refresh, stages } = (value ?? {}) as { refresh?: { from?: unknown }; stages?: object };
  const from = refresh?.from;
  if (typeof from !== "string" || Object.hasOwn(stages ?? {}, from)) return [];
  const text = `refresh.from: there is no stage "${from}" under \`stages\``;
  return [{ setting: "refresh.from", text }];
}

/** Strings that carry a password or a key. */
function credentialsIn(value: unknown, path: string[] = []): Problem[] {
  if (typeof value === "string") {
    if (!/:\/\/[^\s/:@]*:[^\s@]+@|\b(napi|npg)_\w{8,}/.test(value)) return [];
    const setting = path.join(".");
    return [{ setting, text: `${setting} holds a credential`, isCredential: true }];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => credentialsIn(item, [...path, key]));
}

import { resolve } from "node:path";
import { parseBytes } from "../lib/format/bytes.ts";
import { parseDuration } from "../lib/format/duration.ts";
import { oneByOne, referencesIn } from "../lib/format/name-lists.ts";
import type { Config, ProcessConfig, SeedConfig } from "./define/config.ts";
import type { RefreshConfig } from "./define/refresh.ts";
import { type DrizzleMigrations, type Migrator, migrationsOf } from "./migrator.ts";

/** The configuration with every default filled in and every path absolute. */
export interface ProjectConfig {
  /** Folder of ds.config.ts, or of the project it was inferred from. */
  root: string;
  /** Undefined when there is no config file and the defaults hold. */
  file: string | undefined;
  /** The drizzle config that says where migrations and ledger are, where there is no config file. */
  drizzleFile?: string | undefined;
  project: string;
  /** Id of the organization in Neon's cloud. */
  org: string | undefined;
  /** Where no ds.config.ts names the project: what it may be called else. */
  inferred?: { otherNames: string[] } | undefined;
  stages: Record<
    string,
    { project: string; branch: string | undefined; seed: SeedCommand | undefined }
  >;
  database: string | undefined;
  role: string | undefined;
  stageVariable: string;
  /** Extensions that the local engine's Postgres is to have. */
  extensions: string[];
  /** Drizzle's folder and ledger. */
  migrations: DrizzleMigrations;
  migrator: Migrator;
  envFile: { path: string; url: string; unpooledUrl: string };
  /** How many states from before a reset, restore or undo a branch keeps. */
  recoveryPoints: number;
  /** What one developer's branches may be together. */
  limits: { branches: number | undefined; bytes: number | undefined };
  seed: SeedCommand | undefined;
  /** Undefined: found beside the migrations folder. */
  generate: { command: string; cwd: string } | undefined;
  secrets: { store: "file" | "aws"; name: string; region: string | undefined };
  /** Undefined: cloud stages are branch and secret alone. */
  infra:
    | { folder: string; organization: string | undefined; secretsProvider: string | undefined }
    | undefined;
  deploy: { expiresMs: number | undefined };
  audit: { graceMs: number; inactiveMs: number; timeoutMs: number };
  git: { follow: "worktree" | "branch" };
  processes: Record<string, { command: string; cwd: string; port: number | undefined }>;
  /** Undefined: this project does not refresh its staging data from production. */
  refresh: RefreshRules | undefined;
}

/** The refresh section with every default filled in. */
export type RefreshRules = Required<Omit<RefreshConfig, "else">> & Pick<RefreshConfig, "else">;

export interface SeedCommand {
  command: string;
  cwd: string;
  size: string | undefined;
}

/** Fills in the defaults. `config` has been validated; `root` is absolute. */
export function completeConfig(
  config: Config,
  root: string,
  file: string | undefined,
): ProjectConfig {
  const at = (path: string | undefined) => resolve(root, path ?? ".");
  const process = (entry: ProcessConfig) => ({
    command: entry.command,
    cwd: at(entry.cwd),
    port: entry.port,
  });
  const seed = (entry: SeedConfig): SeedCommand => ({
    command: entry.command,
    cwd: at(entry.cwd),
    size: entry.size,
  });
  return {
    root,
    file,
    project: config.project,
    org: config.org,
    stages: mapValues(config.stages ?? {}, (stage) => ({
      project: stage.project ?? config.project,
      branch: stage.branch,
      seed: stage.seed && seed(stage.seed),
    })),
    database: config.database,
    role: config.role,
    stageVariable: config.stageVariable ?? "DEVSTRIDE_STAGE",
    extensions: [...new Set(config.extensions)],
    ...migrationsOf(config.migrations, at),
    envFile: {
      path: at(config.envFile?.path ?? ".env"),
      url: config.envFile?.url ?? "DATABASE_URL",
      unpooledUrl: config.envFile?.unpooledUrl ?? "DATABASE_URL_UNPOOLED",
    },
    recoveryPoints: config.recoveryPoints ?? 3,
    limits: {
      branches: config.limits?.branches,
      bytes: config.limits?.bytes === undefined ? undefined : parseBytes(config.limits.bytes),
    },
    seed: config.seed && seed(config.seed),
    generate: config.generate && {
      command: config.generate.command,
      cwd: at(config.generate.cwd),
    },
    secrets: {
      store: config.secrets?.store ?? "file",
      name: config.secrets?.name ?? "/ds/{project}/{stage}/database",
      region: config.secrets?.region,
    },
    infra: config.infra && {
      folder: at(config.infra.folder),
      organization: config.infra.organization,
      secretsProvider: config.infra.secretsProvider,
    },
    audit: {
      graceMs: parseDuration(config.audit?.grace ?? "24h"),
      inactiveMs: parseDuration(config.audit?.inactive ?? "14d"),
      timeoutMs: parseDuration(config.audit?.timeout ?? "60s"),
    },
    deploy: {
      expiresMs:
        config.deploy?.expires === undefined ? undefined : parseDuration(config.deploy.expires),
    },
    git: { follow: config.git?.follow ?? "worktree" },
    processes: mapValues(config.processes ?? {}, process),
    refresh: config.refresh && {
      maskKey: "DS_MASK_KEY",
      ...config.refresh,
      tables: oneByOne(config.refresh.tables),
      columns: oneByOne(config.refresh.columns),
      references: oneByOne(config.refresh.references, referencesIn),
      crossTenant: crossTenantOf(config.refresh),
    },
  };
}

const crossTenantOf = ({ crossTenant = "fail" }: RefreshConfig): RefreshRules["crossTenant"] =>
  typeof crossTenant === "string" ? crossTenant : oneByOne(crossTenant, referencesIn);

function mapValues<T, U>(record: Record<string, T>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

export interface HasConfig {
  /** ds.config.ts, validated, with every default filled in. */
  config(): Promise<ProjectConfig>;
}

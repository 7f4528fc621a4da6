/**
 * The public face of the package: `import { defineConfig } from "@devstride/ds"`.
 * Credentials and API hosts are not part of it on purpose: a file in the repository must not be able
 * to send somebody's key elsewhere. They come from NEON_API_KEY and NEON_API_HOST.
 */
import type { AuditConfig } from "./audit.ts";
import type { DeployConfig, InfraConfig, SecretsConfig } from "./deploy.ts";
import type { RefreshConfig } from "./refresh.ts";

export type * from "./audit.ts";
export type * from "./deploy.ts";
export type { Mask } from "./masks.ts";
export { mask } from "./masks.ts";
export type * from "./refresh.ts";

export interface SharedStage {
  /** Name or id of the project; default: the top-level `project`. */
  project?: string;
  /** Name of the branch; default: the project's default branch. */
  branch?: string;
  /**
   * Only on the local engine, where nobody has a production: the project is made when
   * `ds db refresh-staging` first needs it, migrated and filled by this command.
   */
  seed?: SeedConfig;
}

export interface MigrationsConfig {
  /** Folder that Drizzle generates into, relative to this file. Default: `drizzle`. */
  folder?: string;
  /**
   * Schema and table of Drizzle's ledger. Default: `drizzle` and `__drizzle_migrations`. Where the drizzle config of
   * the same folder has others, nothing is applied until they are named here.
   */
  schema?: string;
  table?: string;
  /** A migration older than the newest applied one, on a shared stage or in CI. Default: `fail`. */
  late?: "fail" | "apply";
  /**
   * Before which migrations run on an ephemeral copy of the branch. `shared`: before shared stages, unless
   * --no-rehearse says otherwise; `required`: the same, whatever is said; `never`: only with --rehearse.
   * Default: `shared`.
   */
  rehearse?: "shared" | "required" | "never";
  /**
   * How grave what `ds db migrate --plan` finds is, by a rule's name or a group's (`data-loss`, `application`, `data`,
   * `blocking`, `style`): `{ "rename-column": "error", style: "note" }`. The list of rules is in docs/findings.md.
   */
  rules?: Record<string, FindingSeverity>;
  /**
   * Below both, on the branch and (as far as it is known) in production, a table is locked for so short a time that what
   * blocks is only a note. Default: 10,000 rows and 10 MB.
   */
  smallTable?: { rows?: number; megabytes?: number };
}

/** `error`: loses data or fails; `warning`: blocks others or breaks an application that runs; `note`: worth knowing. */
export type FindingSeverity = "error" | "warning" | "note" | "off";

/** Migrations of another tool, such as Prisma, Knex or Rails: ds runs its command where it would run Drizzle's. */
export interface MigrationCommandConfig {
  /**
   * Shell command that applies what is pending: `npx prisma migrate deploy`. The branch's direct connection string is
   * in its environment, under the names of `envFile`, and never in its arguments.
   */
  command: string;
  /** Shell command that ends with status 0 when nothing is pending: `npx prisma migrate status`. */
  check?: string;
  /** Where both run, relative to this file. Default: its folder. */
  cwd?: string;
  /** Before which migrations the command runs on an ephemeral copy of the branch. Default: `shared`. */
  rehearse?: "shared" | "required" | "never";
  /** Tables in which the tool keeps its records, which a refresh leaves as they are. Default: those of the usual tools. */
  records?: string[];
}

export interface EnvFileConfig {
  /** Relative to this file. Default: `.env`. */
  path?: string;
  /** Variable of the connection string. Default: `DATABASE_URL`. */
  url?: string;
  /** Variable of the direct (never pooled) one. Default: `DATABASE_URL_UNPOOLED`. */
  unpooledUrl?: string;
}

export interface SeedConfig {
  /**
   * Shell command that loads staging data into the empty, migrated main branch; the connection
   * string is in its environment. `{size}` is replaced by `ds setup --seed-size`. `ds db seed` runs it on a
   * developer's own branch.
   */
  command: string;
  /** Relative to this file. Default: its folder. */
  cwd?: string;
  /** Value of `{size}` when the flag is not given. */
  size?: string;
}

export interface GenerateConfig {
  /** Shell command that writes a migration; `ds db generate --name x` adds `--name x` to it. */
  command: string;
  /** Relative to this file. Default: its folder. */
  cwd?: string;
}

export interface ProcessConfig {
  /** Shell command; the connection string is in its environment. */
  command: string;
  /** Relative to this file. Default: its folder. */
  cwd?: string;
  /** Given to the process as PORT. */
  port?: number;
}

export interface GitConfig {
  /**
   * With git's hooks installed (`ds git install`), what leads the database after a checkout or merge. `worktree`: nothing; there is
   * a notice when migrations are pending or the database is ahead. `branch`: each git branch has a database branch of its
   * own, made at its first checkout from the one that was left. Default: `worktree`.
   */
  follow?: "worktree" | "branch";
}

export interface Config {
  /** Name or id of the project that holds main and every developer's branch. */
  project: string;
  /**
   * Id of the organization in Neon's cloud that has the projects, where an API key belongs to several; NEON_ORG_ID
   * counts more.
   */
  org?: string;
  /** Shared stages by name. They are protected: nothing destructive runs against them. */
  stages?: Record<string, SharedStage>;
  /** Database of the connection string. Default: the branch's only one, or `neondb`. */
  database?: string;
  /** Role of the connection string. Default: the database's owner. */
  role?: string;
  /** Environment variable that names the current stage. Default: `DEVSTRIDE_STAGE`. */
  stageVariable?: string;
  /**
   * Extensions that the migrations create, such as `vector`. `ds setup` adds those that the local engine's Postgres
   * lacks. Neon's cloud has its own.
   */
  extensions?: string[];
  /** Drizzle's folder and ledger; or the command of another tool; or `false`, where ds runs no migrations at all. */
  migrations?: MigrationsConfig | MigrationCommandConfig | false;
  envFile?: EnvFileConfig;
  /** How many states from before a reset, restore or undo a branch keeps, each for a day. Default: 3; 1 to 20. */
  recoveryPoints?: number;
  /**
   * What the branches of one developer may be together, those of agents included. `ds db create`, `ds agent exec` and the agents'
   * tool refuse to make more.
   */
  limits?: {
    branches?: number;
    /** Of logical size: `500MB`, `20GB`. */
    bytes?: string;
  };
  seed?: SeedConfig;
  /**
   * What `ds db generate` runs. Default: the script `generate-sql` of the package.json above the
   * migrations folder, or drizzle-kit where there is a drizzle.config.
   */
  generate?: GenerateConfig;
  /** Where `ds deploy` keeps a cloud stage's connection string. */
  secrets?: SecretsConfig;
  /** What `ds deploy` brings up beside the branch. Default: nothing. */
  infra?: InfraConfig;
  deploy?: DeployConfig;
  /** When `ds db audit` takes something for stale. */
  audit?: AuditConfig;
  /** What git's hooks do. */
  git?: GitConfig;
  /** What `ds local run` starts, by name. */
  processes?: Record<string, ProcessConfig>;
  /** What `ds db refresh-staging` copies from production. */
  refresh?: RefreshConfig;
}

/** Types the configuration; returns it unchanged. */
export function defineConfig(config: Config): Config {
  return config;
}

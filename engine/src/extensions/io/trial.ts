import type pg from "pg";
import { type EngineError, unprocessable } from "../../lib/engine-error.ts";
import { lostServer } from "../../postgres/connection-errors.ts";
import { asAdmin, quoteIdentifier, quoteLiteral } from "../../postgres/io/admin.ts";
import { type ComputeEnvironment, launch } from "../../postgres/io/launch.ts";
import { stopPostmaster } from "../../postgres/io/processes.ts";
import type { TemplateCluster } from "../../postgres/io/template-cluster.ts";
import { serverMessageMeaning } from "../../postgres/server-messages.ts";
import type { BranchData } from "../../storage/io/data-directories.ts";

interface TrialParts {
  data: BranchData;
  environment: ComputeEnvironment;
  template: TemplateCluster;
  logFile: string;
}

/** What is tried, and how Postgres finds it. */
export interface Tried {
  name: string;
  /** Of its modules, absolute. */
  modules: readonly string[];
  settings: Record<string, string>;
  /** The version that databases may have already. */
  replaces?: string | undefined;
}

export type Verdict =
  /** Postgres has an extension of that name by itself. */
  | { builtIn: string }
  /** It can be created; `version` is the one that was. `updates`: from the version that it replaces. */
  | { version: string; updates: boolean };

/** An ephemeral Postgres in which an extension is created before anything is kept. */
export class ExtensionTrial {
  readonly #parts: TrialParts;

  constructor(parts: TrialParts) {
    this.#parts = parts;
  }

  /**
   * Refuses with 422, in Postgres' own words, what it cannot load (another architecture, another major version, no
   * module of PostgreSQL) or what an owner cannot create.
   */
  async of(tried: Tried): Promise<Verdict> {
    const { data, environment, template, logFile } = this.#parts;
    const dataDir = await data.copyOf(await template.path());
    try {
      const plan = { dataDir: data.path(dataDir), logFile, clusterName: "trial of an extension" };
      const running = await launch(environment, { ...plan, settings: {} });
      try {
        const address = { port: running.port, password: environment.adminPassword };
        return await asAdmin(address, "postgres", (client) => tryOn(client, tried));
      } catch (error) {
        throw asRefusal(tried.name, error);
      } finally {
        await stopPostmaster(running.pid);
        await running.exited;
      }
    } finally {
      await data.discard(dataDir);
    }
  }
}

async function tryOn(
  client: pg.Client,
  { name, modules, settings, replaces }: Tried,
): Promise<Verdict> {
  const versionOf = async (catalog: "pg_available_extensions" | "pg_extension") => {
    const [column, key] =
      catalog === "pg_extension" ? ["extversion", "extname"] : ["default_version", "name"];
    const { rows } = await client.query<{ version: string | null }>(
      `select ${column} as version from ${catalog} where ${key} = $1`,
      [name],
    );
    return rows[0] && (rows[0].version ?? "");
  };
  await client.query("set extension_control_path = '$system'");
  const builtIn = await versionOf("pg_available_extensions");
  if (builtIn !== undefined) return { builtIn };
  for (const [setting, value] of Object.entries(settings)) {
    await client.query("select set_config($1, $2, false)", [setting, value]);
  }
  for (const module of modules) await client.query(`load ${quoteLiteral(module)}`);
  // As the owner of a branch would.
  await client.query(`create role ds_trial in role neon_superuser;
    alter database postgres owner to ds_trial; set search_path = public; set role ds_trial`);
  await client.query(`create extension ${quoteIdentifier(name)} cascade`);
  await client.query("reset role");
  const version = (await versionOf("pg_extension")) ?? "";
  return { version, updates: await updates(client, name, replaces ?? version, version) };
}

async function updates(
  client: pg.Client,
  name: string,
  from: string,
  to: string,
): Promise<boolean> {
  if (from === to) return true;
  const { rows } = await client.query(
    `select 1 from pg_extension_update_paths($1)
     where source = $2 and target = $3 and path is not null`,
    [name, from, to],
  );
  return rows.length > 0;
}

function asRefusal(name: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (lostServer(error)) return unusable(`Postgres ends when it loads ${name}`);
  if (serverMessageMeaning(error.message) === "DISK_FULL") return error;
  return "severity" in error ? unusable(`Postgres refuses ${name}: ${error.message}`) : error;
}

export const unusable = (what: string): EngineError => unprocessable("EXTENSION_UNUSABLE", what);

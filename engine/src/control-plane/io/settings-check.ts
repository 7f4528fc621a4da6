import { badRequest } from "../../lib/engine-error.ts";
import { asAdmin } from "../../postgres/io/admin.ts";
import { type ComputeEnvironment, launch, StartFailure } from "../../postgres/io/launch.ts";
import { stopPostmaster } from "../../postgres/io/processes.ts";
import { serverMessageMeaning } from "../../postgres/server-messages.ts";
import type { PostgresVersions } from "../../postgres/versions/io/postgres-versions.ts";
import type { BranchData } from "../../storage/io/data-directories.ts";

interface SettingsCheckParts {
  data: BranchData;
  postgres: PostgresVersions;
  logFile: string;
}

/**
 * Starts an ephemeral Postgres with the settings and logs in: `postgres -C` reads single values only,
 * it sees neither what contradicts each other, nor what needs too much memory, nor a library that
 * cannot be loaded.
 */
export class SettingsCheck {
  readonly #parts: SettingsCheckParts;

  constructor(parts: SettingsCheckParts) {
    this.#parts = parts;
  }

  /** Refuses with 400 in Postgres' own words; `major`: of the project. */
  async check(major: number, settings: Record<string, string> = {}): Promise<void> {
    if (Object.keys(settings).length === 0) return;
    const { data, postgres } = this.#parts;
    const dataDir = await data.copyOf(await postgres.template(major).path());
    try {
      await this.#start(postgres.of(major), data.path(dataDir), settings);
    } catch (error) {
      throw asRefusal(error);
    } finally {
      await data.discard(dataDir);
    }
  }

  async #start(
    environment: ComputeEnvironment,
    dataDir: string,
    settings: Record<string, string>,
  ): Promise<void> {
    const { logFile } = this.#parts;
    const clusterName = "check of pg_settings";
    const running = await launch(environment, { dataDir, logFile, clusterName, settings });
    try {
      const address = { port: running.port, password: environment.adminPassword };
      await asAdmin(address, "postgres", (client) => client.query("select 1"));
    } finally {
      await stopPostmaster(running.pid);
      await running.exited;
    }
  }
}

function asRefusal(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const words = error instanceof StartFailure ? error.failure : error.message;
  const isOfPostgres = error instanceof StartFailure || "severity" in error;
  if (!isOfPostgres || serverMessageMeaning(words) === "DISK_FULL") return error;
  return badRequest("PG_SETTINGS_REFUSED", `Postgres refuses these pg_settings: ${words}`);
}

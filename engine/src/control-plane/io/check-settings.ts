import { badRequest } from "../../lib/engine-error.ts";
import { asAdmin } from "../../postgres/io/admin.ts";
import { type ComputeEnvironment, launch, StartFailure } from "../../postgres/io/launch.ts";
import { stopPostmaster } from "../../postgres/io/processes.ts";
import { serverMessageMeaning } from "../../postgres/server-messages.ts";
import type { BranchData } from "../../storage/io/data-directories.ts";

export interface SettingsCheckParts {
  data: BranchData;
  environment: ComputeEnvironment;
  /** Path of a cluster that no server runs on. */
  template: () => Promise<string>;
  logFile: string;
}

/**
 * Starts a throw-away Postgres with the settings and logs in: `postgres -C` reads single values only,
 * it sees neither what contradicts each other, nor what needs too much memory, nor a library that
 * cannot be loaded. Refuses with 400 in Postgres' own words.
 */
export async function checkSettings(
  { data, environment, template, logFile }: SettingsCheckParts,
  settings: Record<string, string>,
): Promise<void> {
  if (Object.keys(settings).length === 0) return;
  const dataDir = await data.copyOf(await template());
  try {
    const running = await launch(environment, {
      dataDir: data.path(dataDir),
      logFile,
      clusterName: "check of pg_settings",
      settings,
    });
    try {
      const address = { port: running.port, password: environment.adminPassword };
      await asAdmin(address, "postgres", (client) => client.query("select 1"));
    } finally {
      await stopPostmaster(running.pid);
      await running.exited;
    }
  } catch (error) {
    throw asRefusal(error);
  } finally {
    await data.discard(dataDir);
  }
}

function asRefusal(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const words = error instanceof StartFailure ? error.failure : error.message;
  const isOfPostgres = error instanceof StartFailure || "severity" in error;
  if (!isOfPostgres || serverMessageMeaning(words) === "DISK_FULL") return error;
  return badRequest("PG_SETTINGS_REFUSED", `Postgres refuses these pg_settings: ${words}`);
}

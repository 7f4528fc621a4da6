import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DsError } from "../../errors/ds-error.ts";
import { plural } from "../../lib/format/plural.ts";
import { isLocalAllowed } from "../../lib/process/environment.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { DiskSizes, EngineStatus, RepairReport } from "../contract.ts";
import type { EngineExtensions } from "./extensions.ts";
import { type EngineAddress, findEngine, readKey } from "./find.ts";
import type { EnginePostgresVersions } from "./postgres-versions.ts";
import { diskSizes, engineStatus } from "./status.ts";
import { stopEngine } from "./stop.ts";

/** The local engine of a home: a process in the background, which outlives the command. */
export interface Engine {
  readonly logFile: string;
  /** The running engine; undefined when none answers for this home. */
  running(): Promise<EngineAddress | undefined>;
  /** The running engine, started when there is none. */
  ensure(options?: EnsureOptions): Promise<EngineAddress & { started: boolean }>;
  /** What the running engine says of itself; NOT_FOUND when none runs. */
  status(limitMs?: number): Promise<EngineStatus>;
  /** What each of its branches takes on the disk. */
  sizes(): Promise<DiskSizes>;
  /** Returns when the process is gone. */
  stop(): Promise<void>;
  /** Removes what the running engine has set aside, for good; false where there is none of that name. */
  removeQuarantined(name: string): Promise<boolean>;
  /** The extensions of the running engine's Postgres. */
  extensions(): Promise<EngineExtensions>;
  /** Versions of PostgreSQL beside the running engine's own. */
  postgresVersions(): Promise<EnginePostgresVersions>;
  /** What is damaged in the home; with `apply`, mended as far as that can be. No engine may run. */
  repair(apply: boolean): Promise<RepairReport>;
  /** The built engine, for sub-commands that it runs by itself. */
  readonly program: string;
}

interface EnsureOptions {
  /** It is what the person has asked for, and not what another command needs. */
  asked?: boolean;
}

export function openEngine(context: Runtime): Engine {
  const { home } = context;
  const program = fileURLToPath(new URL("./engine.js", import.meta.url));
  const running = () => findEngine(home);
  const mustRun = async () => {
    const found = await running();
    if (found) return found;
    throw new DsError("NOT_FOUND", `no engine runs for ${home}`, {
      reason: "ENGINE_NOT_RUNNING",
      hint: "Start it: ds engine start",
    });
  };
  return {
    logFile: join(home, "engine.log"),
    program,
    running,
    status: async (limitMs) => engineStatus(await mustRun(), limitMs),
    sizes: async () => diskSizes(await mustRun()),
    stop: async () => stopEngine(context, await mustRun()),
    removeQuarantined: async (name) => {
      const { removeQuarantined } = await import("./quarantine.ts");
      const change = {
        done: `${name} was removed`,
        unclear: `${name} may have been removed: \`ds doctor\` shows what is set aside`,
      };
      const address = await mustRun();
      context.signal.throwIfAborted();
      return context.output.changes.during(change, () => removeQuarantined(address, name));
    },
    extensions: async () => {
      const { openExtensions } = await import("./extensions.ts");
      return openExtensions(context, await mustRun());
    },
    postgresVersions: async () => {
      const { openPostgresVersions } = await import("./postgres-versions.ts");
      return openPostgresVersions(context, await mustRun());
    },
    repair: async (apply) => {
      const { repairHome } = await import("./repair.ts");
      if (!apply) return repairHome(program, context, apply);
      const change = {
        done: "the home was repaired",
        unclear: "the home may be repaired in part: `ds doctor --repair` goes on",
      };
      context.signal.throwIfAborted();
      return context.output.changes.during(change, () => repairHome(program, context, apply));
    },
    ensure: async ({ asked = context.local } = {}) => {
      const found = await running();
      if (found) return { ...found, started: false };
      if (!asked && !isLocalAllowed(context.env)) throw notInCi();
      const { output } = context;
      const { url, pid, setAside } = await output.step(
        "Starting the local engine",
        async (step) => {
          const { startEngine } = await import("./start.ts");
          const engine = await startEngine(program, context);
          step.finish(`Local engine is running at ${engine.url}`);
          return engine;
        },
      );
      if (setAside > 0) {
        const what = plural(setAside, "data directory", "data directories");
        output.warn(
          `the engine has set aside ${what} that no record refers to; see: ds engine quarantine list`,
        );
      }
      return { url, pid, key: readKey(home), started: true };
    },
  };
}

function notInCi(): DsError {
  return new DsError(
    "CONFIG_INVALID",
    "NEON_API_HOST is not set, and in CI the local engine is started only where that is asked for: its data is gone with the job",
    {
      reason: "NO_ENGINE_IN_CI",
      hint: "Set NEON_API_HOST and NEON_API_KEY. For an engine that is thrown away with the job: --local, or DS_LOCAL=1 for all commands of the job.",
    },
  );
}

export interface HasEngine {
  engine(): Promise<Engine>;
}

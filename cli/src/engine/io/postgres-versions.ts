import type { Runtime } from "../../runtime/runtime.ts";
import { askEngine } from "./ask-engine.ts";
import type { EngineAddress } from "./find.ts";

/** Versions of PostgreSQL beside the engine's own. Each call fails with what the engine refuses. */
export interface EnginePostgresVersions {
  /** @param bin absolute */
  add(major: number, bin: string): Promise<{ version: string }>;
  /** False where there was none. */
  remove(major: number): Promise<boolean>;
}

export function openPostgresVersions(
  { output: { changes }, signal }: Pick<Runtime, "output" | "signal">,
  address: EngineAddress,
): EnginePostgresVersions {
  const changing = <T>(what: string, path: string, body: object) => {
    signal.throwIfAborted();
    const unclear = `${what} may have been: \`ds engine status\` shows it`;
    return changes.during({ done: `${what} was`, unclear }, () =>
      askEngine<T>(address, `/engine/postgres${path}`, body),
    );
  };
  return {
    add: (major, bin) => changing(`PostgreSQL ${major} added`, "/add", { major, bin }),
    remove: async (major) => {
      const what = `PostgreSQL ${major} removed`;
      return (await changing<{ removed: boolean }>(what, "/remove", { major })).removed;
    },
  };
}

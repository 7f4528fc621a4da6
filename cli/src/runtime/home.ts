import { isAbsolute, join } from "node:path";
import { DsError } from "../errors/ds-error.ts";
import { type Environment, homeDirectory } from "../lib/process/environment.ts";

/**
 * Where the engine's state, the user's settings and caches live: `DS_HOME`, else the XDG state
 * directory. Root gets /var/lib/ds, as the other uid that Postgres runs under cannot enter /root.
 */
export function dsHome(env: Environment, uid: number): string {
  if (env.DS_HOME !== undefined && env.DS_HOME !== "") {
    if (isAbsolute(env.DS_HOME)) return env.DS_HOME;
    throw new DsError("CONFIG_INVALID", `DS_HOME must be an absolute path, not "${env.DS_HOME}"`, {
      reason: "HOME_NOT_ABSOLUTE",
    });
  }
  return usualHome(env, uid);
}

/** The home where no DS_HOME is set. */
export function usualHome(env: Environment, uid: number): string {
  if (uid === 0) return "/var/lib/ds";
  if (env.XDG_STATE_HOME && isAbsolute(env.XDG_STATE_HOME)) return join(env.XDG_STATE_HOME, "ds");
  const own = homeDirectory(env);
  if (own) return join(own, ".local", "state", "ds");
  throw new DsError(
    "CONFIG_INVALID",
    "neither DS_HOME nor HOME is set, so there is no place for ds to keep its state",
    { reason: "HOME_UNKNOWN" },
  );
}

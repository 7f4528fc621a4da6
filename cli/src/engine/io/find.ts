import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DsError } from "../../errors/ds-error.ts";
import { loopbackHttp } from "../../lib/io/loopback-http.ts";
import type { EngineHealth, EngineState } from "../contract.ts";

/** How the engine of a home is reached. */
export interface EngineAddress {
  /** Base URL of the API: `http://127.0.0.1:24117/api/v2`. */
  url: string;
  key: string;
  pid: number;
}

const healthLimitMs = 5000;

/** Undefined when none answers for this home. */
export async function findEngine(home: string): Promise<EngineAddress | undefined> {
  const state = readState(home);
  if (!state) return undefined;
  const health = await askHealth(state.url);
  // After a reboot another home's engine may have the port.
  if (health?.homeId !== state.homeId) return undefined;
  return { url: state.url, pid: health.pid, key: readKey(home) };
}

export function readKey(home: string): string {
  const file = join(home, "api-key");
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new DsError("CREDENTIALS", `the key of the local engine cannot be read: ${file}`, {
      reason: "API_KEY_MISSING",
      hint: "Run ds as the user who started the engine, or choose another DS_HOME.",
      cause,
    });
  }
}

function readState(home: string): EngineState | undefined {
  try {
    const text = readFileSync(join(home, "engine.json"), "utf8");
    const state = JSON.parse(text) as EngineState;
    return typeof state.url === "string" && typeof state.homeId === "string" ? state : undefined;
  } catch {
    // Written by rename, so it is whole, absent or not ours; starting the engine puts it right.
    return undefined;
  }
}

async function askHealth(url: string): Promise<EngineHealth | undefined> {
  const answer = await loopbackHttp(new URL("/health", url), { timeout: healthLimitMs });
  try {
    return JSON.parse(answer ?? "") as EngineHealth;
  } catch {
    return undefined;
  }
}

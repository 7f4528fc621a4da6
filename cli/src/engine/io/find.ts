import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DsError } from "../../errors/ds-error.ts";
import { isOwnListener } from "../../lib/io/listener-owner.ts";
import { loopbackHttp } from "../../lib/io/loopback-http.ts";
import type { EngineHealth, EngineState } from "../contract.ts";
import { engineProof, isEngineProof } from "../engine-proof.ts";

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
  const nonce = randomUUID();
  const health = await askHealth(state.url, nonce);
  // After a reboot another home's engine may have the port, or any program of anybody's.
  if (health?.homeId !== state.homeId) return undefined;
  const key = readKey(home);
  const port = Number(new URL(state.url).port);
  const expected = engineProof(key, nonce, state.homeId, port);
  // An engine of before there was a proof is still to be stopped.
  const isEngine =
    health.proof === undefined ? isOwnListener(port) : isEngineProof(health.proof, expected);
  if (!isEngine) return undefined;
  return { url: state.url, pid: health.pid, key };
}

export function readKey(home: string): string {
  const file = join(home, "api-key");
  try {
    const key = readFileSync(file, "utf8").trim();
    if (isKey(key)) return key;
  } catch (cause) {
    throw new DsError("CREDENTIALS", `the key of the local engine cannot be read: ${file}`, {
      reason: "API_KEY_MISSING",
      hint: "Run ds as the user who started the engine, or choose another DS_HOME.",
      cause,
    });
  }
  throw new DsError("CREDENTIALS", `the key of the local engine is damaged: ${file}`, {
    reason: "API_KEY_DAMAGED",
    hint: `Remove it, end the engine if it runs (its pid is in ${join(home, "engine.json")}), and start it: ds engine start. It makes a new key.`,
  });
}

/** As it can stand in a header, and is not cut off. */
const isKey = (text: string): boolean => /^[!-~]{16,}$/.test(text);

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

async function askHealth(url: string, nonce: string): Promise<EngineHealth | undefined> {
  const answer = await loopbackHttp(new URL(`/health?nonce=${nonce}`, url), {
    timeout: healthLimitMs,
  });
  try {
    return JSON.parse(answer ?? "") as EngineHealth;
  } catch {
    return undefined;
  }
}

import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { engineProof, isEngineProof } from "../../lib/engine-proof.ts";
import { readJson } from "../../lib/io/files.ts";
import type { Home } from "../../storage/home.ts";
import { readSettings, type Settings } from "../../storage/io/settings.ts";

export interface RunningEngine {
  url: string;
  pid: number;
  /** How many data directories this start has set aside. */
  setAside?: number;
  /** Undefined when the engine that runs is another process. */
  stop?: () => Promise<void>;
  /** Resolves when the engine has stopped, for whatever reason. */
  stopped?: Promise<void>;
}

/** What engine.json holds. */
export interface EngineAddress {
  pid: number;
  url: string;
  version: string;
  startedAt: string;
  homeId: string;
}

/** The engine that serves this home now, if one does. */
export async function findRunningEngine(home: Home): Promise<RunningEngine | undefined> {
  return findRunning(home, await readSettings(home));
}

export async function findRunning(
  home: Home,
  settings: Settings,
): Promise<RunningEngine | undefined> {
  const address = await readJson<EngineAddress>(home.engineFile).catch(() => undefined);
  const urls = new Set<string>();
  if (URL.canParse(address?.url ?? "")) urls.add(address?.url ?? "");
  if (settings.port) urls.add(`http://127.0.0.1:${settings.port}/api/v2`);
  // Without a key no engine has ever run here.
  const key = (await readFile(home.apiKeyFile, "utf8").catch(() => "")).trim();
  if (key === "") return undefined;
  const nonce = randomUUID();
  for (const url of urls) {
    const address = new URL(`/health?nonce=${nonce}`, url);
    let health = await ask(address);
    while (health?.stopping === settings.homeId) {
      await sleep(50);
      health = await ask(address);
    }
    const expected = engineProof(key, nonce, settings.homeId, Number(address.port));
    if (health && isEngineProof(health.proof, expected)) return { url, pid: health.pid };
  }
  return undefined;
}

interface Health {
  /** That it has the key of this home. */
  proof?: string;
  /** The home of an engine that is about to end. */
  stopping?: string;
  pid: number;
}

async function ask(url: URL): Promise<Health | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(60_000) });
    return (await answer.json()) as Health;
  } catch {
    return undefined;
  }
}

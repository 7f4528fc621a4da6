import { DsError } from "../../errors/ds-error.ts";
import { loopbackHttp } from "../../lib/io/loopback-http.ts";
import type { EngineStatus } from "../contract.ts";
import type { EngineAddress } from "./find.ts";

/** The engine also adds up what is on its disk, which takes long with many branches. */
const usualLimitMs = 60_000;

export async function engineStatus(
  { url, key }: EngineAddress,
  limitMs = usualLimitMs,
): Promise<EngineStatus> {
  const headers = { authorization: `Bearer ${key}` };
  const answer = await loopbackHttp(new URL("/engine/status", url), { headers, timeout: limitMs });
  try {
    return JSON.parse(answer ?? "") as EngineStatus;
  } catch {
    throw new DsError("UPSTREAM", `the engine at ${url} does not answer`, {
      reason: "API_UNREACHABLE",
      hint: "Look at its log: ds engine logs",
    });
  }
}

import { DsError } from "../../errors/ds-error.ts";
import { loopbackHttp } from "../../lib/io/loopback-http.ts";
import type { DiskSizes, EngineStatus } from "../contract.ts";
import type { EngineAddress } from "./find.ts";

/** The engine also adds up what is on its disk, which takes long with many branches. */
const usualLimitMs = 60_000;

type ToldByAll = Exclude<
  keyof EngineStatus,
  "otherPostgres" | "replicas" | "extensions" | "quarantine" | "problems"
>;

/** An engine of an earlier version, which still runs after this command was renewed, tells less. */
export const engineStatus = async (
  address: EngineAddress,
  limitMs = usualLimitMs,
): Promise<EngineStatus> => ({
  otherPostgres: [],
  replicas: [],
  extensions: [],
  quarantine: [],
  problems: [],
  ...(await ask<Pick<EngineStatus, ToldByAll>>(address, "/engine/status", limitMs)),
});

/** It looks at every file of every branch; nothing where the engine is of an earlier version, which cannot. */
export const diskSizes = (address: EngineAddress): Promise<DiskSizes> =>
  ask<DiskSizes>(address, "/engine/sizes", 5 * usualLimitMs).catch(() => ({
    sizes: [],
    allBytes: null,
  }));

async function ask<Answer>(
  { url, key }: EngineAddress,
  path: string,
  limitMs: number,
): Promise<Answer> {
  const headers = { authorization: `Bearer ${key}` };
  const answer = await loopbackHttp(new URL(path, url), { headers, timeout: limitMs });
  try {
    return JSON.parse(answer ?? "") as Answer;
  } catch {
    throw new DsError("UPSTREAM", `the engine at ${url} does not answer`, {
      reason: "API_UNREACHABLE",
      hint: "Look at its log: ds engine logs",
    });
  }
}

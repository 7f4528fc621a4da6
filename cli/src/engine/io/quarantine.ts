import { DsError } from "../../errors/ds-error.ts";
import { loopbackHttp } from "../../lib/io/loopback-http.ts";
import type { EngineAddress } from "./find.ts";

const answerLimitMs = 60_000;

/** False where the engine has set nothing of that name aside. */
export async function removeQuarantined(
  { url, key }: EngineAddress,
  name: string,
): Promise<boolean> {
  const headers = { authorization: `Bearer ${key}` };
  const address = new URL("/engine/quarantine/remove", url);
  const body = JSON.stringify({ name });
  const answer = await loopbackHttp(address, { headers, body, timeout: answerLimitMs });
  if (answer === undefined) {
    throw new DsError("UPSTREAM", `the engine at ${url} did not remove ${name}`, {
      hint: "Look at its log: ds engine logs",
    });
  }
  return (JSON.parse(answer) as { removed: boolean }).removed;
}

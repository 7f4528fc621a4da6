import { DsError } from "../../errors/ds-error.ts";
import { loopbackAnswer } from "../../lib/io/loopback-http.ts";
import { engineRefusal } from "../engine-refusal.ts";
import type { EngineAddress } from "./find.ts";

/** Copying a template and trying an extension take seconds, looking into many branches minutes. */
const silenceMs = 10 * 60_000;

/** A request beside Neon's API, with a body where it changes something; fails with what the engine refuses. */
export async function askEngine<T>(
  { url, key }: EngineAddress,
  path: string,
  body?: object,
): Promise<T> {
  const answer = await loopbackAnswer(new URL(path, url), {
    headers: { authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    timeout: silenceMs,
  });
  if (answer === undefined) {
    throw new DsError("UPSTREAM", `the engine at ${url} does not answer`, {
      reason: "API_UNREACHABLE",
      hint: "Look at its log: ds engine logs",
    });
  }
  if (answer.status !== 200) throw engineRefusal(answer.status, answer.body);
  return JSON.parse(answer.body) as T;
}

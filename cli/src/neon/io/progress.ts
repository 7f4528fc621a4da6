import type { OperationsProgress } from "../../engine/contract.ts";
import { loopbackHttp } from "../../lib/io/loopback-http.ts";
import { copyProgress } from "../copy-progress.ts";
import type { ApiAccess } from "./credentials.ts";

/** What the local engine tells beside Neon's API, whose operations say nothing of how far they are. */
export async function progressOf(
  { url, key, local }: ApiAccess,
  operationId: string,
): Promise<string | undefined> {
  if (!local) return undefined;
  try {
    const headers = { authorization: `Bearer ${key}` };
    const answer = await loopbackHttp(new URL("/engine/progress", url), {
      headers,
      timeout: 2_000,
    });
    return copyProgress(JSON.parse(answer ?? "") as OperationsProgress, operationId);
  } catch {
    // An engine of an earlier version does not know.
    return undefined;
  }
}

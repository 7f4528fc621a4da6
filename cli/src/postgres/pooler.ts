import { DsError } from "../errors/ds-error.ts";
import { parseConnectionUrl } from "./connection-url.ts";

/**
 * A pooler hands each transaction to another session, so that a session's lock protects nothing.
 * @param what needs the direct address: "migrations", "a refresh"
 * @param variable where the URL comes from, for the sentence
 */
export function refusePooler(url: string, what: string, variable?: string): void {
  const { host } = parseConnectionUrl(url, variable);
  if (!/-pooler(?:\.|$)/.test(host)) return;
  const where = variable ?? host;
  throw new DsError("USAGE", `${where} is a connection pooler's address; ${what} the direct one`, {
    reason: "POOLED_ADDRESS",
    hint: `Use ${host.replace("-pooler", "")}`,
  });
}

import { DsError } from "../errors/ds-error.ts";
import { parseConnectionUrl } from "./connection-url.ts";
/** A pooler hands each transaction to another session, so that a session's lock protects nothing. */
export function refusePooler(url: string): void {
  const { host } = parseConnectionUrl(url);
  if (!/-pooler(?:\.|$)/.test(host)) return;
  throw new DsError("USAGE", `${host} is a connection pooler; migrations need the direct address`, {
    hint: `Use ${host.replace("-pooler", "")}`,
  });
}

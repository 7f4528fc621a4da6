import { readFileSync } from "node:fs";
import type { SecureContext } from "node:tls";

/** The file that Node was not told of. */
let hidden: string | undefined;

/**
 * Where NODE_EXTRA_CA_CERTS is set, Node 20 parses all certificates that it knows at its start, which takes
 * longer than most commands (38 ms of 59 that `node -e 0` takes). So the checkout's launcher hides it from
 * this process, under another name. Those that it starts are to have it.
 */
export function unhideCertificates(env: NodeJS.ProcessEnv): void {
  hidden = env.DS_EXTRA_CA_CERTS;
  if (!hidden) return;
  env.NODE_EXTRA_CA_CERTS ??= hidden;
  delete env.DS_EXTRA_CA_CERTS;
}

/** To be called before anything speaks TLS: now Node is told of the certificates that were hidden from it. */
export function trustExtraCertificates(): void {
  if (!hidden) return;
  const extra = readCertificates(hidden);
  hidden = undefined;
  if (extra === undefined) return;
  // Node has no way to add to its own list before version 22.19.
  const tls = process.getBuiltinModule("node:tls");
  const { createSecureContext } = tls;
  const withExtra: typeof createSecureContext = (options) => {
    const made = createSecureContext(options) as Context;
    if (!options?.ca) made.context.addCACert(extra);
    return made;
  };
  Object.assign(tls, { createSecureContext: withExtra });
}

/** What Node itself calls for each certificate of `ca`; it copies the list that is common to all first. */
interface Context extends SecureContext {
  context: { addCACert(pem: string): void };
}

/** Node, too, only warns. */
function readCertificates(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const reason = (error as Error).message;
    process.emitWarning(`Ignoring the certificates of NODE_EXTRA_CA_CERTS: ${reason}`);
    return undefined;
  }
}

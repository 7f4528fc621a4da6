import { readFileSync } from "node:fs";

let isDone = false;

/**
 * To be called before anything speaks TLS. Where NODE_EXTRA_CA_CERTS is set, Node 20 parses all
 * certificates that it knows at its start, which takes longer than most commands (38 ms of 59 that
 * `node -e 0` takes). So the checkout's launcher hides it from Node, under another name, and they are read
 * here by the few commands that need them.
 */
export function trustExtraCertificates(env: NodeJS.ProcessEnv = process.env): void {
  const file = env.DS_EXTRA_CA_CERTS;
  if (isDone || !file) return;
  isDone = true;
  const extra = readCertificates(file);
  if (extra === undefined) return;
  // Node has no way to add to its own list before version 22.19.
  const tls = process.getBuiltinModule("node:tls");
  const { createSecureContext, rootCertificates } = tls;
  const ca = [...rootCertificates, extra];
  Object.assign(tls, {
    createSecureContext: ((options) =>
      createSecureContext(
        options?.ca ? options : { ...options, ca },
      )) as typeof createSecureContext,
  });
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

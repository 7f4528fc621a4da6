import type { Agent, request as httpRequest } from "node:http";
import { trustExtraCertificates } from "../../runtime/io/extra-certificates.ts";

/** A connection that lay idle for so long is not used again. */
const idleLimitMs = 2_000;

/** Connections to one API, kept for the next request. */
export interface Transports {
  /** Of "http:" or "https:"; loads only that one's code. */
  for(protocol: string): Promise<Transport>;
  close(): void;
}

export interface Transport {
  agent: Agent;
  request: typeof httpRequest;
}

export function openTransports(): Transports {
  const open = new Map<string, Promise<Transport>>();
  return {
    for: (protocol) => {
      const known = open.get(protocol) ?? load(protocol);
      open.set(protocol, known);
      return known;
    },
    close: () => {
      for (const transport of open.values()) {
        transport.then(({ agent }) => agent.destroy()).catch(() => {});
      }
    },
  };
}

async function load(protocol: string): Promise<Transport> {
  if (protocol === "https:") trustExtraCertificates();
  const { Agent, request } =
    protocol === "https:" ? await import("node:https") : await import("node:http");
  // Idle sockets are unref'd by the agent, so they keep no finished command alive. It closes them
  // well before servers do (Node's: after 5 s), or a request could be sent into a closing one.
  return {
    agent: new Agent({ keepAlive: true, maxSockets: 8, timeout: idleLimitMs }) as Agent,
    request: request as typeof httpRequest,
  };
}

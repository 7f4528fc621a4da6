import type { Agent, ClientRequest, request as httpRequest } from "node:http";
import { trustExtraCertificates } from "../../runtime/io/extra-certificates.ts";

/** A connection that lay idle for so long is not used again. */
const idleLimitMs = 2_000;

interface HttpRequest {
  method?: string;
  headers: Readonly<Record<string, string | number>>;
  body?: Buffer;
  signal?: AbortSignal;
  /** Milliseconds without a byte, after which it fails with ETIMEDOUT; default: none. */
  timeoutMs?: number;
  /** Told of the call, to end it by destroying it. */
  onCall?: (call: ClientRequest) => void;
}

export interface HttpAnswer {
  status: number;
  /** Names and values in turn. */
  headers: string[];
  body: Buffer;
}

/** Connections to one API, kept for the next request. */
export interface Transport {
  /** Rejects when there is no whole answer, whatever its status is. */
  send(url: URL, request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

export function openTransport(): Transport {
  const open = new Map<string, Promise<Protocol>>();
  return {
    send: async (url, request) => {
      const known = open.get(url.protocol) ?? load(url.protocol);
      open.set(url.protocol, known);
      return await send(await known, url, request);
    },
    close: () => {
      for (const protocol of open.values()) {
        protocol.then(({ agent }) => agent.destroy()).catch(() => {});
      }
    },
  };
}

/** Node's code for "http:" or "https:", with the connections of that kind. */
interface Protocol {
  agent: Agent;
  request: typeof httpRequest;
}

async function load(protocol: string): Promise<Protocol> {
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

function send(
  { agent, request }: Protocol,
  url: URL,
  { method = "GET", headers, body, signal, timeoutMs, onCall }: HttpRequest,
): Promise<HttpAnswer> {
  return new Promise((done, failed) => {
    const options = {
      agent,
      method,
      headers,
      ...(signal ? { signal } : {}),
      ...(timeoutMs ? { timeout: timeoutMs } : {}),
    };
    const call = request(url, options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", failed);
      answer.on("end", () =>
        done({
          status: answer.statusCode ?? 0,
          headers: answer.rawHeaders,
          body: Buffer.concat(chunks),
        }),
      );
    });
    onCall?.(call);
    if (timeoutMs) {
      const late = Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" });
      call.on("timeout", () => call.destroy(late));
    }
    call.on("error", failed);
    call.end(body);
  });
}

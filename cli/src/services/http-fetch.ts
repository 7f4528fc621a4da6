import type { Agent, request as httpRequest } from "node:http";

/** A connection that lay idle for so long is not used again. */
const idleLimitMs = 2_000;

/**
 * A `fetch` on node:http. The global one costs its whole implementation at the first call; this
 * is what an API of small JSON answers needs: keep-alive, AbortSignal, no redirects.
 */
export function makeFetch(): { fetch: typeof fetch; close(): void } {
  const agents = new Map<string, Promise<{ agent: Agent; request: typeof httpRequest }>>();
  const transportFor = (protocol: string) => {
    const known = agents.get(protocol) ?? loadTransport(protocol);
    agents.set(protocol, known);
    return known;
  };
  return {
    fetch: async (input, init) => {
      const asked = input instanceof Request ? input : new Request(input, init);
      const url = new URL(asked.url);
      const { agent, request } = await transportFor(url.protocol);
      const body = asked.body === null ? undefined : Buffer.from(await asked.arrayBuffer());
      return await new Promise<Response>((done, failed) => {
        const call = request(
          url,
          {
            agent,
            method: asked.method,
            headers: {
              ...Object.fromEntries(asked.headers),
              ...(body ? { "content-length": body.length } : {}),
            },
            signal: asked.signal,
          },
          (answer) => {
            const chunks: Buffer[] = [];
            answer.on("data", (chunk: Buffer) => chunks.push(chunk));
            answer.on("error", failed);
            answer.on("end", () => {
              const status = answer.statusCode ?? 0;
              const empty = status === 204 || status === 304;
              const headers = new Headers();
              for (let at = 0; at < answer.rawHeaders.length; at += 2) {
                headers.append(answer.rawHeaders[at] ?? "", answer.rawHeaders[at + 1] ?? "");
              }
              done(new Response(empty ? null : Buffer.concat(chunks), { status, headers }));
            });
          },
        );
        call.on("error", failed);
        call.end(body);
      });
    },
    close: () => {
      for (const transport of agents.values()) {
        transport.then(({ agent }) => agent.destroy()).catch(() => {});
      }
    },
  };
}

async function loadTransport(protocol: string) {
  const { Agent, request } =
    protocol === "https:" ? await import("node:https") : await import("node:http");
  // Idle sockets are unref'd by the agent, so they keep no finished command alive. It closes them
  // well before servers do (Node's: after 5 s), or a request could be sent into a closing one.
  return {
    agent: new Agent({ keepAlive: true, maxSockets: 8, timeout: idleLimitMs }) as Agent,
    request: request as typeof httpRequest,
  };
}

import { openTransports } from "./transport.ts";

/**
 * A `fetch` on node:http. The global one costs its whole implementation at the first call; this
 * is what an API of small JSON answers needs: keep-alive, AbortSignal, no redirects.
 */
export function makeFetch(transports = openTransports()): {
  fetch: typeof fetch;
  close(): void;
} {
  return {
    fetch: async (input, init) => {
      const asked = input instanceof Request ? input : new Request(input, init);
      const url = new URL(asked.url);
      const { agent, request } = await transports.for(url.protocol);
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
    close: () => transports.close(),
  };
}

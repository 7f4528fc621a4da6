import { openTransport, type Transport } from "./transport.ts";

/**
 * A `fetch` on node:http, for the SDK. The global one costs its whole implementation at the first call; this
 * is what an API of small JSON answers needs: keep-alive, AbortSignal, no redirects.
 */
export function makeFetch(transport: Transport = openTransport()): {
  fetch: typeof fetch;
  close(): void;
} {
  return {
    fetch: async (input, init) => {
      const asked = input instanceof Request ? input : new Request(input, init);
      const content = asked.body === null ? undefined : Buffer.from(await asked.arrayBuffer());
      const { status, headers, body } = await transport.send(new URL(asked.url), {
        method: asked.method,
        headers: {
          ...Object.fromEntries(asked.headers),
          ...(content ? { "content-length": content.length } : {}),
        },
        ...(content ? { body: content } : {}),
        signal: asked.signal,
      });
      const isEmpty = status === 204 || status === 304;
      return new Response(isEmpty ? null : body, { status, headers: headersOf(headers) });
    },
    close: () => transport.close(),
  };
}

function headersOf(raw: readonly string[]): Headers {
  const headers = new Headers();
  for (let at = 0; at < raw.length; at += 2) headers.append(raw[at] ?? "", raw[at + 1] ?? "");
  return headers;
}

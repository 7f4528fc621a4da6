import { violations } from "./api-description.ts";

/**
 * A fetch that throws when an answer of the API does not agree with the official description, which
 * allows an error's code to be empty; the engine's never is. Usable
 * wherever a client takes a `fetch`; `send` is what really sends, a server's `app.fetch` for instance.
 */
export function validatingFetch(
  send: (request: Request) => Response | Promise<Response> = fetch,
): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const response = await send(request);
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith("/api/v2/")) return response;
    const body = await response.clone().text();
    const wrong = violations({
      method: request.method,
      path: pathname.slice("/api/v2".length),
      status: response.status,
      contentType: response.headers.get("content-type"),
      body,
    });
    if (!response.ok && !/"code":"[A-Z]+(_[A-Z]+)*"/.test(body))
      wrong.push("the error has no code");
    if (wrong.length > 0) {
      const heading = `${request.method} ${pathname} answered ${response.status} against the API's description:`;
      throw new Error([heading, ...wrong, body].join("\n  "));
    }
    return response;
  };
}

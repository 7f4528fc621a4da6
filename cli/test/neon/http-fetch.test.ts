import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { expect, test } from "vitest";
import { makeFetch } from "../../src/neon/io/fetch.ts";

test("a connection is used again, but not after a rest that the server may have ended", async () => {
  const sockets: Socket[] = [];
  const server = createServer((request, response) => {
    sockets.push(request.socket);
    // Answers that take longer than a rest may last are waited for.
    setTimeout(() => response.end("{}"), request.url === "/slow" ? 2_500 : 0);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { fetch, close } = makeFetch();
  try {
    await fetch(`${url}/`);
    await fetch(`${url}/`);
    const [first, second] = sockets;
    expect(second).toBe(first);
    if (first) await once(first, "close");
    expect((await fetch(`${url}/slow`)).status).toBe(200);
    expect(sockets[2]).not.toBe(first);
  } finally {
    close();
    await new Promise((closed) => server.close(closed));
  }
});

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { makeFetch } from "../src/neon/io/fetch.ts";

test("a connection is used again, but not after a rest that the server may have ended", async () => {
  const ports: (number | undefined)[] = [];
  const server = createServer((request, response) => {
    ports.push(request.socket.remotePort);
    // Answers that take longer than a rest may last are waited for.
    setTimeout(() => response.end("{}"), request.url === "/slow" ? 2_500 : 0);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { fetch, close } = makeFetch();
  try {
    await fetch(`${url}/`);
    await fetch(`${url}/`);
    expect(ports[1]).toBe(ports[0]);
    await sleep(2_500);
    expect((await fetch(`${url}/slow`)).status).toBe(200);
    expect(ports[2]).not.toBe(ports[0]);
  } finally {
    close();
    await new Promise((closed) => server.close(closed));
  }
});

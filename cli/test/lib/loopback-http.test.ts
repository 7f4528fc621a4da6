import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { loopbackHttp } from "../../src/lib/io/loopback-http.ts";

let server: Server | undefined;
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((closed) => server?.close(closed) ?? closed(undefined));
  server = undefined;
});

/** A server that answers with these bytes, in two parts, and ends; what it was asked is in `asked`. */
async function answering(answer: string | undefined, { closes = true } = {}) {
  const asked: string[] = [];
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (data) => {
      asked.push(data.toString());
      if (answer === undefined) return;
      socket.write(answer.slice(0, 20));
      setTimeout(() => (closes ? socket.end(answer.slice(20)) : socket.write(answer.slice(20))), 5);
    });
  });
  await new Promise<void>((listening) => server?.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as { port: number };
  return { url: new URL(`http://127.0.0.1:${port}/a%20b?c=d`), asked };
}

const ok = (head: string, body: string) => `HTTP/1.1 200 OK\r\n${head}\r\n${body}`;

test("a GET with its headers, and a POST with its body", async () => {
  const { url, asked } = await answering(ok("Content-Length: 9\r\n", '{"ä":1}\n'));
  const get = await loopbackHttp(url, { headers: { authorization: "Bearer x" }, timeout: 1000 });
  expect(get).toBe('{"ä":1}\n');
  expect(asked.join("")).toBe(
    `GET /a%20b?c=d HTTP/1.0\r\nhost: ${url.host}\r\nconnection: close\r\nauthorization: Bearer x\r\n\r\n`,
  );
  asked.length = 0;
  await loopbackHttp(url, { body: '"é"', timeout: 1000 });
  expect(asked.join("")).toMatch(/^POST .*\r\ncontent-length: 4\r\n\r\n"é"$/s);
});

test.each([
  ["another status", "HTTP/1.1 404 Not Found\r\n\r\n{}"],
  ["no HTTP", "E\x00\x00\x00 something else, of another protocol\r\n\r\n{}"],
  ["no end of the head", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n"],
  ["a body that is cut off", ok("content-length: 20\r\n", '{"a":1}')],
  ["a body in chunks", ok("transfer-encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n")],
  ["nothing at all", ""],
  ["no answer in time", undefined],
])("%s: undefined", async (_, answer) => {
  const { url } = await answering(answer);
  expect(await loopbackHttp(url, { timeout: 100 })).toBeUndefined();
});

test("a server that keeps the connection: the answer, as soon as it is whole", async () => {
  const answer = ok("content-length: 2\r\nconnection: keep-alive\r\n", "{}");
  const { url } = await answering(answer, { closes: false });
  expect(await loopbackHttp(url, { timeout: 60_000 })).toBe("{}");
});

test("nothing listens, and a header that is none: undefined, and nothing was sent", async () => {
  const { url, asked } = await answering("");
  const forged = { headers: { authorization: "x\r\nhost: elsewhere" }, timeout: 100 };
  expect(await loopbackHttp(url, forged)).toBeUndefined();
  expect(asked).toEqual([]);
  await new Promise((closed) => server?.close(closed));
  expect(await loopbackHttp(url, { timeout: 100 })).toBeUndefined();
});

test("its socket ends it", async () => {
  const { url } = await answering(undefined);
  const answer = loopbackHttp(url, { timeout: 10_000, onSocket: (socket) => socket.destroy() });
  expect(await answer).toBeUndefined();
});

import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { libpqEnvironment, parseConnectionUrl } from "../../src/postgres/connection-url.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";

const password = "npg_the-password";
let server: Server | undefined;
afterEach(() => server?.close());

/** Another program at a branch's port: what it asks for, and what it is sent. */
async function impostor(...requests: Buffer[]) {
  const heard: Buffer[] = [];
  server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.write(Buffer.concat(requests)));
    socket.on("data", (bytes) => heard.push(bytes));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: (password: string) => `postgresql://me${password}@127.0.0.1:${port}/db`,
    heard: () => Buffer.concat(heard).toString("latin1"),
  };
}

const authentication = (kind: number, rest = "") => {
  const message = Buffer.alloc(9);
  message.write("R");
  message.writeInt32BE(8 + rest.length, 1);
  message.writeInt32BE(kind, 5);
  return Buffer.concat([message, Buffer.from(rest)]);
};
const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

test.each([
  ["asks for the password in clear", [authentication(3)]],
  ["asks for its MD5", [authentication(5, "salt")]],
  ["asks for nothing", [authentication(0), ready]],
  [
    "says the last word of SCRAM without the others",
    [authentication(12, "v=x"), authentication(0), ready],
  ],
])("a server that %s is not logged in to", async (_, requests) => {
  const { url, heard } = await impostor(...requests);
  const refusal = await connectPostgres(url(`:${password}`), { what: "branch x" }).catch((e) => e);
  expect(refusal).toMatchObject({ code: "UPSTREAM" });
  expect(heard()).toContain("me");
  expect(heard()).not.toContain(password);
  expect(heard()).not.toContain("md5");
});

test("where there is no password, nothing can be stolen", async () => {
  const { url } = await impostor(authentication(0), ready);
  await (await connectPostgres(url(""), { what: "mine" })).end();
});

test("psql and its kin are told so, for this machine's servers", () => {
  const of = (url: string) => libpqEnvironment(parseConnectionUrl(url)).PGREQUIREAUTH;
  expect(of("postgresql://a:b@localhost:5/c")).toBe("scram-sha-256");
  expect(of("postgresql://a@localhost:5/c")).toBeUndefined();
  expect(of("postgresql://a:b@ep-x.neon.tech/c")).toBeUndefined();
});

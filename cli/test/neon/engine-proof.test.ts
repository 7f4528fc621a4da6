import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { engineProof as engines } from "../../../engine/src/lib/engine-proof.ts";
import { condition, describeWith } from "../../../scripts/test-support/needs.ts";
import { engineProof } from "../../src/engine/engine-proof.ts";
import { findEngine } from "../../src/engine/io/find.ts";
import { apiAccess } from "../../src/neon/io/credentials.ts";
import { scratchFolder } from "../helpers/scratch.ts";

const key = "ds_the-key-of-this-home";
const homeId = "home-1";
const ends: (() => unknown)[] = [];
let home: string;
let scratch: ReturnType<typeof scratchFolder>;

beforeEach(() => {
  scratch = scratchFolder();
  home = join(scratch.path, "home");
  mkdirSync(home);
  writeFileSync(join(home, "api-key"), `${key}\n`);
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  scratch.remove();
});

const remember = (port: number) =>
  writeFileSync(
    join(home, "engine.json"),
    JSON.stringify({ url: `http://127.0.0.1:${port}/api/v2`, homeId, pid: process.pid }),
  );

/** Something that listens where the engine did, and what it heard. */
async function listener(answer: (nonce: string, port: number) => object) {
  const heard: IncomingHttpHeaders[] = [];
  const onRequest: RequestListener = (request, response) => {
    heard.push(request.headers);
    const nonce = new URL(request.url ?? "", "http://x").searchParams.get("nonce") ?? "";
    response.end(JSON.stringify(answer(nonce, port)));
  };
  const server = createServer(onRequest).listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  remember(port);
  return { port, heard };
}

const said = { homeId, pid: process.pid };

describe("the engine is found", () => {
  test("when it proves that it has the key", async () => {
    await listener((nonce, port) => ({ ...said, proof: engines(key, nonce, homeId, port) }));
    expect(await findEngine(home)).toMatchObject({ key });
  });

  test.each<[string, (nonce: string, port: number) => unknown]>([
    [
      "of another key",
      (nonce, port) => engineProof("ds_another-key-than-this", nonce, homeId, port),
    ],
    ["of another port, passed on", (nonce, port) => engineProof(key, nonce, homeId, port + 1)],
    ["of another home", (nonce, port) => engineProof(key, nonce, "home-2", port)],
    ["to another question", (_, port) => engineProof(key, "earlier", homeId, port)],
    ["that is nothing", () => ""],
    ["that is no text", () => 1],
  ])("not with a proof %s", async (_, proof) => {
    await listener((nonce, port) => ({ ...said, proof: proof(nonce, port) }));
    expect(await findEngine(home)).toBeUndefined();
  });
});

test.each([
  ["empty", ""],
  ["cut off", "ds_"],
  ["in two lines", `${key}\n${key}`],
])("a key that is %s is refused with what to do", async (_, text) => {
  await listener(() => said);
  writeFileSync(join(home, "api-key"), text);
  await expect(findEngine(home)).rejects.toMatchObject({
    code: "CREDENTIALS",
    reason: "API_KEY_DAMAGED",
    hint: expect.stringContaining("ds engine start"),
  });
});

const rootOnLinux = condition(
  "root on Linux",
  () => process.platform === "linux" && process.getuid?.() === 0,
);

describeWith(rootOnLinux, "another user who listens where the engine did", () => {
  /** Answers everything, and hands on what it was sent. */
  async function rogue() {
    const program = `
      const server = require("node:http").createServer((request, response) => {
        console.log(JSON.stringify(request.headers));
        response.end(JSON.stringify({ homeId: "${homeId}", pid: 1 }));
      }).listen(0, "127.0.0.1", () => console.log(server.address().port));`;
    const child = spawn(process.execPath, ["-e", program], { uid: 54_321, gid: 54_321, cwd: "/" });
    ends.push(async () => {
      child.kill();
      await once(child, "exit");
    });
    let heard = "";
    child.stdout.on("data", (text) => {
      heard += text;
    });
    await expect.poll(() => heard).toMatch(/^\d+\n/);
    return { port: Number(heard.split("\n")[0]), heard: () => heard };
  }

  test("is not taken for the engine, and hears no key", async () => {
    const { port, heard } = await rogue();
    remember(port);
    expect(await findEngine(home)).toBeUndefined();
    expect(heard()).not.toContain(key);
  });

  test("is not sent NEON_API_KEY either", async () => {
    const { port } = await rogue();
    const env = { NEON_API_HOST: `http://localhost:${port}`, NEON_API_KEY: key };
    const context = { env, output: undefined as never, engine: undefined as never };
    await expect(apiAccess(context)).rejects.toMatchObject({ reason: "API_NOT_OWN" });
  });
});

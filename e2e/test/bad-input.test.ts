import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ordinaryUser, testWith } from "../../scripts/test-support/needs.ts";
import { Api } from "../support/api.ts";
import type { Checkout } from "../support/checkout.ts";
import { endedClearly } from "../support/failure.ts";
import { Sandbox } from "../support/sandbox.ts";
import { mountTmpfs, tmpfs } from "../support/volume.ts";

describe("bad input on a checkout that is set up", () => {
  const sandbox = new Sandbox();
  let checkout: Checkout;
  let envBefore: string;
  let branchesBefore: unknown;
  const branches = async () => {
    const api = await Api.of(checkout);
    return await api.standing(await api.projectId("devstride"));
  };

  beforeAll(async () => {
    checkout = sandbox.readyCheckout("checkout");
    await checkout.ds(["setup", "--developer", "one"]);
    envBefore = checkout.envText();
    branchesBefore = await branches();
  });

  afterAll(() => sandbox.close(checkout));

  test.each<[string, string[], number, RegExp]>([
    ["an unknown flag", ["db", "status", "--colour"], 2, /--colour|colour/],
    ["a misspelt flag", ["setup", "--develoer", "phil"], 2, /--developer/],
    ["an unknown command", ["db", "statsu"], 2, /status/],
    ["an argument too many", ["db", "status", "extra"], 2, /extra|argument/],
    ["a missing argument", ["db", "create"], 2, /name/],
    ["a developer name with nothing usable", ["setup", "--developer", "!!!"], 2, /!!!/],
    [
      "a developer name that is a path",
      ["setup", "--developer", "../../etc"],
      2,
      /\.\.\/\.\.\/etc/,
    ],
    ["an empty developer name", ["setup", "--developer", ""], 2, /developer/i],
    ["an unknown stage", ["db", "status", "--target", "nobody-local"], 4, /nobody-local/],
    ["an unknown branch", ["db", "delete", "dev-nobody-local", "--yes"], 4, /dev-nobody-local/],
    ["a parent that is not there", ["db", "create", "x", "--from", "nothing"], 4, /nothing/],
    ["a name in use", ["db", "create", "dev-one-local"], 5, /dev-one-local/],
    ["a name shaped like an id", ["db", "create", "br-old-star-a1b2c3"], 2, /br-old-star-a1b2c3/],
    ["a time that is no time", ["db", "create", "x", "--ttl", "soon"], 2, /soon/],
    ["a wait that is no time", ["db", "migrate", "--wait", "ages"], 2, /ages/],
    ["the shared main", ["db", "delete", "main", "--yes"], 6, /main/],
    ["a URL that is none", ["db", "migrate", "--db", "not a url"], 2, /URL/i],
  ])("%s", async (_, args, status, message) => {
    await endedClearly(checkout, args, status, message);
    expect(checkout.envText()).toBe(envBefore);
    expect(await branches()).toEqual(branchesBefore);
  });

  test("a server that is not there: exit 8, and the password is not in the message", async () => {
    const url = "postgresql://someone:npg_verysecret@localhost:1/neondb";
    const output = await endedClearly(checkout, ["db", "migrate", "--db", url], 8, /localhost:1\b/);
    expect(output).not.toContain("npg_verysecret");
  });

  test("a wrong API key: exit 3, and the key is not in the message", async () => {
    const { url } = await Api.of(checkout);
    const env = { NEON_API_HOST: url, NEON_API_KEY: "napi_wrong_key_12345" };
    const output = await endedClearly(checkout, ["db", "status"], 3, /NEON_API_KEY|key/i, env);
    expect(output).not.toContain("napi_wrong_key_12345");
  });

  test("an API host where nothing listens: exit 8, naming it", async () => {
    const env = { NEON_API_HOST: "http://127.0.0.1:1/api/v2", NEON_API_KEY: "napi_any" };
    await endedClearly(checkout, ["db", "status"], 8, /127\.0\.0\.1:1/, env);
  });

  test("a broken config: exit 3, every mistake at once, with its path", async () => {
    const path = join(checkout.path, "ds.config.ts");
    const before = readFileSync(path, "utf8");
    try {
      writeFileSync(
        path,
        "export default { project: 7, migratoins: {}, envFile: { path: [] } };\n",
      );
      const output = await endedClearly(checkout, ["db", "status"], 3, /ds\.config\.ts/);
      for (const key of ["project", "migratoins", "envFile.path"]) expect(output).toContain(key);
      writeFileSync(path, "export default { project: \n");
      await endedClearly(checkout, ["db", "status"], 3, /ds\.config\.ts/);
      writeFileSync(path, 'throw new Error("thrown by the config");\n');
      await endedClearly(checkout, ["db", "status"], 3, /thrown by the config/);
    } finally {
      writeFileSync(path, before);
    }
  });

  test("a conflict left in a migration: refused before anything runs", async () => {
    const folder = join(checkout.path, "backend/drizzle");
    const name = readdirSync(folder).find((file) => file.endsWith(".sql")) ?? "";
    const path = join(folder, name);
    const before = readFileSync(path, "utf8");
    try {
      writeFileSync(path, `<<<<<<< HEAD\n${before}=======\n>>>>>>> theirs\n`);
      await endedClearly(checkout, ["db", "migrate"], 6, new RegExp(name));
    } finally {
      writeFileSync(path, before);
    }
  });
});

describe("bad surroundings, on a machine with nothing set up", () => {
  const sandboxes: Sandbox[] = [];
  const machine = (home?: string) => {
    const sandbox = new Sandbox(home === undefined ? {} : { home });
    sandboxes.push(sandbox);
    return { sandbox, checkout: sandbox.readyCheckout("checkout") };
  };

  afterAll(async () => {
    for (const sandbox of sandboxes) await sandbox.close();
  });

  test("an env file that is a folder: exit 3, and no engine was started for it", async () => {
    const { sandbox, checkout } = machine();
    mkdirSync(checkout.envFile);
    await endedClearly(checkout, ["setup", "--developer", "one"], 3, /\.env/);
    expect(sandbox.processes()).toEqual([]);
  });

  testWith(ordinaryUser, "a read-only env file: exit 3, its bytes kept", async () => {
    const { sandbox, checkout } = machine();
    writeFileSync(checkout.envFile, "MINE=1\n", { mode: 0o400 });
    await endedClearly(checkout, ["setup", "--developer", "one"], 3, /\.env/);
    expect(checkout.envText()).toBe("MINE=1\n");
    expect(sandbox.processes()).toEqual([]);
  });

  test("the engine's port is taken: exit 5, naming it; afterwards nothing runs", async () => {
    const { sandbox, checkout } = machine();
    await checkout.ds(["engine", "start"]);
    const { url } = await Api.of(checkout);
    const port = Number(new URL(url).port);
    await checkout.ds(["engine", "stop"]);
    const blocker = createServer((_, response) => response.writeHead(404).end());
    await new Promise<void>((ready) => blocker.listen(port, "127.0.0.1", ready));
    try {
      expect((blocker.address() as AddressInfo).port).toBe(port);
      const start = ["engine", "start"];
      await endedClearly(checkout, start, 5, new RegExp(String(port)));
      await expect.poll(() => sandbox.processes()).toEqual([]);
    } finally {
      await new Promise((closed) => blocker.close(closed));
    }
    await checkout.ds(["engine", "start"]);
    await checkout.ds(["engine", "stop"]);
  });

  testWith(tmpfs, "a full disk: one message, then all is well with space", async () => {
    const folder = new Sandbox();
    folder.make();
    const mount = join(folder.folder, "small");
    const tiny = mountTmpfs(mount, "60M");
    const { sandbox, checkout } = machine(join(mount, "home"));
    try {
      await endedClearly(checkout, ["setup", "--developer", "one"], 8, /space|disk|full/i);
      expect(existsSync(checkout.envFile)).toBe(false);
      tiny.resize("1G");
      await checkout.ds(["setup", "--developer", "one"]);
      expect(
        (await checkout.json<{ branches: unknown[] }>(["db", "branches"])).branches,
      ).toHaveLength(2);
    } finally {
      sandboxes.splice(sandboxes.indexOf(sandbox), 1);
      await sandbox.close(checkout).finally(() => tiny.unmount());
      await folder.close();
    }
  });

  test("a home that is a file: exit 3, and the file stays", async () => {
    const { sandbox, checkout } = machine();
    writeFileSync(sandbox.home, "not a folder");
    await endedClearly(checkout, ["engine", "start"], 3, new RegExp(sandbox.home));
    expect(readFileSync(sandbox.home, "utf8")).toBe("not a folder");
  });
});

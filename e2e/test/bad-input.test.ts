import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ordinaryUser, testWith } from "../../scripts/test-support/needs.ts";
import { Api } from "../support/api.ts";
import type { Checkout } from "../support/checkout.ts";
import { type ClearFailure, endedClearly } from "../support/failure.ts";
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

  const usage = (...names: string[]): ClearFailure => ({ status: 2, code: "USAGE", names });
  const absent = (reason: string, name: string): ClearFailure => ({
    status: 4,
    code: "NOT_FOUND",
    reason,
    names: [name],
  });

  test.each<[string, string[], ClearFailure]>([
    ["an unknown flag", ["db", "status", "--colour"], usage("--colour")],
    ["a misspelt flag", ["setup", "--develoer", "phil"], usage("--developer")],
    ["an unknown command", ["db", "statsu"], usage("status")],
    ["an argument too many", ["db", "status", "extra"], usage("extra")],
    ["a missing argument", ["db", "create"], usage("name")],
    [
      "a developer name with nothing usable",
      ["setup", "--developer", "!!!"],
      { ...usage("!!!"), reason: "NAME_INVALID" },
    ],
    [
      "a developer name that is a path",
      ["setup", "--developer", "../../etc"],
      { ...usage("../../etc"), reason: "NAME_INVALID" },
    ],
    [
      "an empty developer name",
      ["setup", "--developer", ""],
      { ...usage("--developer"), reason: "NAME_INVALID" },
    ],
    [
      "an unknown stage",
      ["db", "status", "--target", "nobody-local"],
      absent("BRANCH_NOT_FOUND", "nobody-local"),
    ],
    [
      "a name that no stage can have",
      ["db", "status", "--target", "nobody"],
      absent("STAGE_UNKNOWN", "nobody"),
    ],
    [
      "an unknown branch",
      ["db", "delete", "dev-nobody-local", "--yes"],
      absent("BRANCH_NOT_FOUND", "dev-nobody-local"),
    ],
    [
      "a parent that is not there",
      ["db", "create", "x", "--from", "nothing"],
      absent("BRANCH_NOT_FOUND", "nothing"),
    ],
    [
      "a name in use",
      ["db", "create", "dev-one-local"],
      { status: 5, code: "CONFLICT", reason: "BRANCH_NAME_TAKEN", names: ["dev-one-local"] },
    ],
    [
      "a name shaped like an id",
      ["db", "create", "br-old-star-a1b2c3"],
      { ...usage("br-old-star-a1b2c3"), reason: "NAME_INVALID" },
    ],
    ["a time that is no time", ["db", "create", "x", "--ttl", "soon"], usage("soon")],
    ["a wait that is no time", ["db", "migrate", "--wait", "ages"], usage("ages")],
    [
      "the shared main",
      ["db", "delete", "main", "--yes"],
      { status: 6, code: "REFUSED", reason: "BRANCH_IS_DEFAULT", names: ["main"] },
    ],
    ["a URL that is none", ["db", "migrate", "--db", "not a url"], usage()],
  ])("%s", async (_, args, failure) => {
    await endedClearly(checkout, args, failure);
    expect(checkout.envText()).toBe(envBefore);
    expect(await branches()).toEqual(branchesBefore);
  });

  test("a server that is not there: exit 8, and the password is not in the message", async () => {
    const url = "postgresql://someone:npg_verysecret@localhost:1/neondb";
    const unreachable = { status: 8, code: "UPSTREAM", names: ["localhost:1"] };
    const output = await endedClearly(checkout, ["db", "migrate", "--db", url], unreachable);
    expect(output).not.toContain("npg_verysecret");
  });

  test("a wrong API key: exit 3, and the key is not in the message", async () => {
    const { url } = await Api.of(checkout);
    const env = { NEON_API_HOST: url, NEON_API_KEY: "napi_wrong_key_12345" };
    const rejected = { status: 3, code: "CREDENTIALS", reason: "API_KEY_REJECTED" };
    const output = await endedClearly(checkout, ["db", "status"], rejected, env);
    expect(output).not.toContain("napi_wrong_key_12345");
  });

  test("an API host where nothing listens: exit 8, naming it", async () => {
    const env = { NEON_API_HOST: "http://127.0.0.1:1/api/v2", NEON_API_KEY: "napi_any" };
    const unreachable = {
      status: 8,
      code: "UPSTREAM",
      reason: "API_UNREACHABLE",
      names: ["127.0.0.1:1"],
    };
    await endedClearly(checkout, ["db", "status"], unreachable, env);
  });

  test("a broken config: exit 3, every mistake at once, with its path", async () => {
    const path = join(checkout.path, "ds.config.ts");
    const before = readFileSync(path, "utf8");
    try {
      writeFileSync(
        path,
        "export default { project: 7, migratoins: {}, envFile: { path: [] } };\n",
      );
      const invalid = { status: 3, code: "CONFIG_INVALID", names: ["ds.config.ts"] };
      const output = await endedClearly(checkout, ["db", "status"], invalid);
      for (const key of ["project", "migratoins", "envFile.path"]) expect(output).toContain(key);
      writeFileSync(path, "export default { project: \n");
      await endedClearly(checkout, ["db", "status"], invalid);
      writeFileSync(path, 'throw new Error("thrown by the config");\n');
      const thrown = { ...invalid, names: ["thrown by the config"] };
      await endedClearly(checkout, ["db", "status"], thrown);
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
      const refused = { status: 6, code: "MIGRATION_REFUSED", names: [name] };
      await endedClearly(checkout, ["db", "migrate"], refused);
    } finally {
      writeFileSync(path, before);
    }
  });
});

describe("bad surroundings, on a machine with nothing set up", () => {
  const noEnvFile = { status: 3, code: "FILE_NOT_WRITABLE", names: [".env"] };
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
    await endedClearly(checkout, ["setup", "--developer", "one"], noEnvFile);
    expect(sandbox.processes()).toEqual([]);
  });

  testWith(ordinaryUser, "a read-only env file: exit 3, its bytes kept", async () => {
    const { sandbox, checkout } = machine();
    writeFileSync(checkout.envFile, "MINE=1\n", { mode: 0o400 });
    await endedClearly(checkout, ["setup", "--developer", "one"], noEnvFile);
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
      const taken = { status: 5, code: "CONFLICT", names: [String(port)] };
      await endedClearly(checkout, ["engine", "start"], taken);
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
      const full = { status: 8, code: "UPSTREAM" };
      const output = await endedClearly(checkout, ["setup", "--developer", "one"], full);
      // Whoever runs out of it first says so: the engine, its template or Postgres.
      expect(output).toMatch(/space|disk|full/i);
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
    const unusable = { status: 3, code: "CONFIG_INVALID", names: [sandbox.home] };
    await endedClearly(checkout, ["engine", "start"], unusable);
    expect(readFileSync(sandbox.home, "utf8")).toBe("not a folder");
  });
});

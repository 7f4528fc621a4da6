import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Checkout } from "../support/checkout.ts";
import { ended, run, succeeded } from "../support/run.ts";
import { Sandbox } from "../support/sandbox.ts";

const sandbox = new Sandbox();
let checkout: Checkout;
let elsewhere: string;

beforeAll(() => {
  checkout = sandbox.readyCheckout("checkout");
  elsewhere = join(sandbox.folder, "else where");
  mkdirSync(elsewhere);
});

afterAll(() => sandbox.close());

test("through a symbolic link, from another folder: the same command", async () => {
  const link = join(elsewhere, "ds-of-mine");
  symlinkSync(join(checkout.path, "ds"), link);
  const chain = join(sandbox.folder, "chain");
  symlinkSync("else where/ds-of-mine", chain);
  const direct = await checkout.ds(["--help"]);
  for (const command of [link, chain]) {
    const linked = await run(command, ["--help"], { cwd: elsewhere, env: sandbox.env });
    expect(linked).toMatchObject({ status: 0, stdout: direct.stdout, stderr: "" });
  }
});

test("certificates of NODE_EXTRA_CA_CERTS: trusted, and handed on to what it starts", async () => {
  const project = join(sandbox.folder, "project");
  mkdirSync(join(project, "drizzle/meta"), { recursive: true });
  writeFileSync(
    join(project, "ds.config.mjs"),
    `export default { project: "certified", processes: {
       show: { command: "node -e 'console.log(process.env.NODE_EXTRA_CA_CERTS)'" },
     } };`,
  );
  const journal = JSON.stringify({ version: "7", dialect: "postgresql", entries: [] });
  writeFileSync(join(project, "drizzle/meta/_journal.json"), journal);
  const inProject = (args: string[], env = {}) => checkout.run(args, { cwd: project, env });
  succeeded(await inProject(["setup", "--developer", "one"]));
  const [key, cert] = ["server.key", "server.crt"].map((file) => join(sandbox.home, "tls", file));
  const own = { NODE_EXTRA_CA_CERTS: String(cert) };

  const url = `${succeeded(await inProject(["db", "url"])).stdout.trim()}?sslmode=verify-full`;
  const migrate = ["db", "migrate", "--db", url];
  expect(ended(await inProject(migrate), 8).stderr).toContain("its certificate is self-signed");
  expect(succeeded(await inProject(migrate, own)).stderr).toBe("");
  const missing = await inProject(migrate, { NODE_EXTRA_CA_CERTS: "/nowhere" });
  expect(ended(missing, 8).stderr).toContain("Ignoring the certificates of NODE_EXTRA_CA_CERTS");

  const api = createServer({ key: readFileSync(String(key)), cert: readFileSync(String(cert)) });
  api.on("request", (_, answer) => answer.writeHead(401).end('{"message":"never"}'));
  await new Promise<void>((listening) => api.listen(0, "127.0.0.1", listening));
  const { port } = api.address() as AddressInfo;
  const cloud = { NEON_API_HOST: `https://localhost:${port}`, NEON_API_KEY: "key" };
  const branches = (env = {}) => inProject(["db", "branches"], { ...cloud, ...env });
  expect((await branches()).stderr).toContain("DEPTH_ZERO_SELF_SIGNED_CERT");
  expect((await branches(own)).stderr).toContain("does not accept the key (never)");
  await new Promise((closed) => api.close(closed));

  const shown = await inProject(["local", "run", "show"], own);
  expect(`${shown.stdout}${shown.stderr}`).toContain(own.NODE_EXTRA_CA_CERTS);
  succeeded(await inProject(["engine", "stop"]));
});

test("builds again when a source is newer, once, however many ask at the same time", async () => {
  appendFileSync(join(checkout.path, "cli/src/errors/ds-error.ts"), "// changed\n");
  const both = await Promise.all([checkout.ds(["--version"]), checkout.ds(["--version"])]);
  const notes = both.map((result) => result.stderr).join("");
  expect(notes.match(/ds: building/g)).toHaveLength(1);
  expect((await checkout.ds(["--version"])).stderr).toBe("");
});

test("a new worktree takes over the build of one with the same sources, and builds its own where they differ", async () => {
  await checkout.ds(["--version"]);
  const built = join(checkout.path, "cli/dist/.built");
  const worktree = async (name: string, change: boolean) => {
    const path = join(sandbox.folder, name);
    const add = ["worktree", "add", "--quiet", "--detach", path];
    succeeded(await checkout.exec("git", ["-c", "core.hooksPath=/dev/null", ...add]));
    // What was built is what lies there, also where an earlier test has changed it.
    const file = "cli/src/errors/ds-error.ts";
    writeFileSync(join(path, file), readFileSync(join(checkout.path, file)));
    if (change) appendFileSync(join(path, file), "// of this worktree\n");
    const { stderr } = succeeded(
      await run(join(path, "ds"), ["--version"], { cwd: path, env: sandbox.env }),
    );
    return { stderr, list: readFileSync(join(path, "cli/dist/.built"), "utf8") };
  };
  expect(await worktree("same", false)).toEqual({ stderr: "", list: readFileSync(built, "utf8") });
  expect((await worktree("other", true)).stderr).toContain("ds: building");
});

test("a source that cannot be built stops the command, and the build before stays", async () => {
  const source = join(checkout.path, "cli/src/broken.ts");
  const main = join(checkout.path, "cli/src/main.ts");
  writeFileSync(source, "export const broken = ;\n");
  appendFileSync(main, 'import "./broken.ts";\n');
  const result = await checkout.run(["--version"]);
  expect(result.status).toBe(1);
  expect(result.stderr).toContain("broken.ts");
  expect(result.stdout).toBe("");
  succeeded(await checkout.exec("node", ["cli/bin/ds.js", "--version"]));
});

test("without Node: one sentence that says what to install", async () => {
  const result = await run("/bin/sh", [join(checkout.path, "ds"), "db", "status"], {
    cwd: elsewhere,
    env: { PATH: elsewhere },
  });
  expect(ended(result, 3).stderr).toMatch(
    /^ds: Node\.js is not installed.*Install Node 20\.19.*\n$/,
  );
});

test("with a Node that is too old: one sentence that names both versions", async () => {
  const bin = join(elsewhere, "bin");
  mkdirSync(bin);
  writeFileSync(
    join(bin, "node"),
    `#!/bin/sh\nexec "${process.execPath}" -e 'Object.defineProperty(process.versions, "node", { value: "18.20.4" }); eval(process.argv[1])' "$2"\n`,
    { mode: 0o755 },
  );
  const old = sandbox.freshClone("old");
  const env = { PATH: `${bin}:${process.env.PATH}` };
  const result = ended(await old.run(["setup"], { env }), 3);
  expect(result.stderr).toMatch(
    /^ds: Node\.js 18\.20\.4 is too old: 20\.19 or newer is needed.*\n$/,
  );
  expect(existsSync(join(old.path, "node_modules"))).toBe(false);
});

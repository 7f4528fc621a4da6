import { appendFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
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

test("builds again when a source is newer, once, however many ask at the same time", async () => {
  appendFileSync(join(checkout.path, "cli/src/errors.ts"), "// changed\n");
  const both = await Promise.all([checkout.ds(["--version"]), checkout.ds(["--version"])]);
  const notes = both.map((result) => result.stderr).join("");
  expect(notes.match(/ds: building/g)).toHaveLength(1);
  expect((await checkout.ds(["--version"])).stderr).toBe("");
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

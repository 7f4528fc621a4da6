import {
  appendFileSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { root as asRoot, describeWith } from "../../../scripts/test-support/needs.ts";
import { loadConfig, loadKnownConfig } from "../../src/config/io/load.ts";
import { dsInProcess } from "../helpers/in-process.ts";
import { scratchFolder } from "../helpers/scratch.ts";

let scratch: ReturnType<typeof scratchFolder>;
/** A folder that many share, and one of this user's below it. */
let shared: string;
let own: string;
const home = () => join(scratch.path, "home");
const load = (env = {}, cwd = own) =>
  loadConfig({ cwd, env: { ...process.env, ...env }, home: home() });
const somebody = 54_321;

beforeEach(() => {
  scratch = scratchFolder();
  shared = join(scratch.path, "shared");
  own = join(shared, "own");
  mkdirSync(own, { recursive: true });
});
afterEach(() => {
  scratch.remove();
});

/** A configuration that leaves a trace when it is run, and tells what it saw. */
function plant(name = "ds.config.ts", folder = shared): string {
  const file = join(folder, name);
  const seen = JSON.stringify(join(scratch.path, "seen"));
  const body = name.startsWith("drizzle")
    ? `{ dialect: "postgresql", out: "drizzle" }`
    : `{ project: "shop" }`;
  writeFileSync(
    file,
    `import { writeFileSync } from "node:fs";
     writeFileSync(${seen}, JSON.stringify(process.env));
     export default ${body};`,
  );
  return file;
}
const hasRun = () => existsSync(join(scratch.path, "seen"));

describeWith(asRoot, "a configuration of another user's", () => {
  test.each(["ds.config.ts", "drizzle.config.ts"])("%s is refused, and not run", async (name) => {
    const file = plant(name);
    chownSync(file, somebody, somebody);
    await expect(load()).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      reason: "CONFIG_NOT_OWN",
      details: { file },
    });
    expect(hasRun()).toBe(false);
    await expect(load({ DS_SAFE_DIRECTORY: own })).rejects.toMatchObject({
      reason: "CONFIG_NOT_OWN",
    });
    await load({ DS_SAFE_DIRECTORY: shared });
    expect(hasRun()).toBe(true);
  });

  test("a link of theirs to a file of one's own, and one's own link to a file of theirs", async () => {
    const file = plant("real.ts", own);
    const link = join(shared, "ds.config.ts");
    symlinkSync(file, link);
    lchownSync(link, somebody, somebody);
    await expect(load()).rejects.toMatchObject({ reason: "CONFIG_NOT_OWN" });
    lchownSync(link, 0, 0);
    chownSync(file, somebody, somebody);
    await expect(load()).rejects.toMatchObject({ reason: "CONFIG_NOT_OWN" });
    chownSync(file, 0, 0);
    await load();
  });

  test("a file of one's own in a folder of theirs, in which they can exchange it", async () => {
    plant();
    chownSync(shared, somebody, somebody);
    await expect(load()).rejects.toMatchObject({ reason: "CONFIG_NOT_OWN" });
  });

  test("by sudo, of the person who called it", async () => {
    chownSync(plant(), somebody, somebody);
    await expect(load({ SUDO_UID: "1" })).rejects.toMatchObject({ reason: "CONFIG_NOT_OWN" });
    await load({ SUDO_UID: String(somebody) });
  });

  test("every command refuses with exit 3 before it does anything", async () => {
    chownSync(plant(), somebody, somebody);
    const place = { cwd: own, home: home(), env: {} };
    expect(await dsInProcess(place, ["db", "status", "--json"])).toMatchObject({ status: 3 });
    expect(hasRun()).toBe(false);
  });
});

const secrets = {
  NEON_API_KEY: "n",
  AWS_SECRET_ACCESS_KEY: "a",
  PULUMI_ACCESS_TOKEN: "p",
  GITHUB_TOKEN: "g",
  GH_TOKEN: "h",
};

test.each(["ds.config.ts", "drizzle.config.ts"])(
  "%s does not see what opens the cloud",
  async (name) => {
    plant(name, own);
    const before = { ...process.env };
    Object.assign(process.env, secrets);
    try {
      await load({ PLAIN: "seen" });
      expect(process.env).toMatchObject(secrets);
    } finally {
      for (const secret of Object.keys(secrets)) delete process.env[secret];
      Object.assign(process.env, before);
    }
    const seen = JSON.parse(readFileSync(join(scratch.path, "seen"), "utf8"));
    expect(seen.PATH).toBe(process.env.PATH);
    for (const secret of Object.keys(secrets)) expect(seen).not.toHaveProperty(secret);
  },
);

test.each(["ds.config.ts", "drizzle.config.ts"])(
  "a shell that completes runs no %s that no command has run",
  async (name) => {
    const file = plant(name, own);
    const context = { cwd: own, env: process.env, home: home() };
    const known = () => loadKnownConfig(context);
    await expect(known()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    expect(hasRun()).toBe(false);
    await load();
    await known();
    rmSync(join(scratch.path, "seen"));
    appendFileSync(file, "// changed");
    await expect(known()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    expect(hasRun()).toBe(false);
  },
);

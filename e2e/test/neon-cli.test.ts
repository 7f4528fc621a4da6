import { mkdirSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Api, type Branch } from "../support/api.ts";
import type { Checkout } from "../support/checkout.ts";
import { count, query } from "../support/database.ts";
import { marks } from "../support/marks.ts";
import { hasProgram } from "../support/prerequisites.ts";
import { ended, type Result, run, succeeded } from "../support/run.ts";
import { Sandbox } from "../support/sandbox.ts";

const neonCli = join(
  dirname(createRequire(import.meta.url).resolve("neon/package.json")),
  "dist/cli.js",
);

// The official command line, unmodified, against the engine: a test that we did not write.
describe("neon's own command line", () => {
  const sandbox = new Sandbox();
  let checkout: Checkout;
  let project: string;
  let env: NodeJS.ProcessEnv;
  let folder: string;

  beforeAll(async () => {
    checkout = sandbox.readyCheckout("checkout");
    await checkout.ds(["setup", "--developer", "one"]);
    const api = await Api.of(checkout);
    project = await api.projectId("devstride");
    folder = join(sandbox.folder, "neon");
    mkdirSync(folder);
    env = {
      ...sandbox.env,
      HOME: folder,
      NEON_API_HOST: api.url,
      NEON_API_KEY: api.key,
      NO_UPDATE_NOTIFIER: "1",
      CI: "1",
    };
  });

  afterAll(() => sandbox.close(checkout));

  const neon = (...args: string[]): Promise<Result> =>
    run(process.execPath, [neonCli, "--no-analytics", ...args], { cwd: folder, env });
  const ofProject = (...args: string[]) => neon("--project-id", project, ...args);
  const branchesOf = async () => await (await Api.of(checkout)).branches(project);
  const connectionString = async (branch: string) =>
    succeeded(await ofProject("connection-string", branch)).stdout.trim();

  test("branches create: a branch with an endpoint, once", async () => {
    const create = ["branches", "create", "--name", "f1", "-o", "json"];
    const created = JSON.parse(succeeded(await ofProject(...create)).stdout) as {
      branch: Branch;
      endpoints: unknown[];
      connection_uris: unknown[];
    };
    expect(created.branch.name).toBe("f1");
    expect(created.endpoints).toHaveLength(1);
    expect(created.connection_uris).toHaveLength(1);
    expect(ended(await ofProject(...create), 1).stderr).toContain("already exists");
  });

  test.skipIf(!hasProgram("psql"))("psql: also with --fallback", async () => {
    for (const more of [[], ["--fallback"]]) {
      const psql = await ofProject("psql", "f1", ...more, "--", "-Atc", "select 1");
      expect(succeeded(psql).stdout.trim()).toBe("1");
    }
  });

  test("reset to the parent: the same string, rows gone, last_reset_at set", async () => {
    const before = await connectionString("f1");
    const url = await apiUrl("f1");
    await query(url, "delete from comments");
    expect(await count(url, "comments")).toBe(0);
    expect(await count(await apiUrl("main"), "comments")).toBeGreaterThan(0);
    succeeded(await ofProject("branches", "reset", "f1", "--parent"));
    expect(await connectionString("f1")).toBe(before);
    expect(await count(url, "comments")).toBeGreaterThan(0);
    const reset = (await branchesOf()).find(({ name }) => name === "f1");
    expect(reset).toHaveProperty("last_reset_at");
  });

  test("delete: not main, not a parent; a leaf is gone from the disk too", async () => {
    ended(await ofProject("branches", "delete", "main"), 1);
    succeeded(await ofProject("branches", "create", "--name", "child", "--parent", "f1"));
    ended(await ofProject("branches", "delete", "f1"), 1);
    succeeded(await ofProject("branches", "delete", "child"));
    const pgdata = join(sandbox.home, "data/pgdata");
    const branches = await branchesOf();
    await expect.poll(() => readdirSync(pgdata).length).toBe(branches.length);
    expect(branches.map(({ name }) => name)).not.toContain("child");
  });

  test("checkout --create, then env pull: the URL connects", async () => {
    succeeded(await ofProject("checkout", "f2", "--create", "--no-env-pull"));
    succeeded(await ofProject("env", "pull", "--branch", "f2", "--file", ".env.pulled"));
    const shell = '. ./.env.pulled && printf %s "$DATABASE_URL"';
    const { stdout } = succeeded(await run("sh", ["-c", shell], { cwd: folder, env }));
    expect(await marks(localUrl(stdout))).toEqual([]);
  });

  test("two at once: both succeed", async () => {
    const create = (name: string) => ofProject("branches", "create", "--name", name);
    for (const result of await Promise.all([create("p1"), create("p2")])) succeeded(result);
    const names = (await branchesOf()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["p1", "p2"]));
  });

  async function apiUrl(name: string): Promise<string> {
    const branch = (await branchesOf()).find((candidate) => candidate.name === name);
    if (branch === undefined) throw new Error(`No branch ${name}`);
    return await (await Api.of(checkout)).urlOf(project, branch);
  }
});

/** Neon's clients ask for verified TLS, which the self-signed certificate of localhost cannot give. */
function localUrl(text: string): string {
  const url = new URL(text);
  url.search = "";
  return url.href;
}

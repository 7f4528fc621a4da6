import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ds } from "./helpers/command.ts";
import { DsProject } from "./helpers/ds-project.ts";
import { withScratchFolder } from "./helpers/scratch.ts";

// In CI nothing is made that is gone with the job, unless that is asked for.

const project = new DsProject(`{ project: "shop" }`);
beforeAll(() => project.migrations.add("0000_a", "create table a (id int);"));
afterAll(() => project.remove());

const json = async (args: string[], env: Record<string, string>) => {
  const { status, stdout, stderr } = await project.run([...args, "--json"], env);
  return { status, stderr, document: JSON.parse(stdout) };
};

describe("no engine is started", () => {
  const scratch = withScratchFolder();

  test.each([
    [["setup"], { CI: "true" }],
    [["db", "status"], { CI: "1" }],
    [["db", "branches"], { GITHUB_ACTIONS: "true" }],
    [["db", "migrate"], { CI: "true", NEON_API_KEY: "napi_x" }],
    [["deploy", "up", "--pr", "1"], { CI: "true", GITHUB_ACTIONS: "true" }],
    [["db", "audit", "--reconcile", "--yes"], { CI: "true" }],
    [["engine", "env"], { CI: "true" }],
  ])("%j, %j: exit 3", async (args, env) => {
    const home = join(scratch.path, "home");
    const place = { DS_HOME: home, DEVSTRIDE_STAGE: "pat-local", ...env };
    const { status, stdout, stderr } = await ds(project.path, [...args, "--json"], place);
    expect(status, stderr).toBe(3);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: "CONFIG_INVALID",
      reason: "NO_ENGINE_IN_CI",
      hint: expect.stringMatching(/NEON_API_HOST.*--local.*DS_LOCAL=1/),
    });
    expect(existsSync(join(home, "engine.json"))).toBe(false);
  });
});

test("--local and DS_LOCAL start one, and what runs is used; secrets do not go into files", async () => {
  const elsewhere = { CI: "true", NEON_API_HOST: "http://127.0.0.1:1", NEON_API_KEY: "napi_x" };
  const setup = await json(["setup", "--developer", "pat", "--local"], elsewhere);
  expect(setup.status, setup.stderr).toBe(0);
  expect(await json(["db", "branches"], { CI: "true" })).toMatchObject({ status: 0 });

  const up = ["deploy", "up", "--developer", "ci", "--stage", "ci-pr-1"];
  expect(await json(up, { CI: "true" })).toMatchObject({
    status: 3,
    document: { error: { code: "CONFIG_INVALID", reason: "FILE_SECRETS_IN_CI" } },
  });
  const { document } = await json(["db", "branches"], {});
  const names = document.branches.map(({ name }: { name: string }) => name);
  expect(names.sort()).toEqual(["dev-pat-local", "main"]);
  const allowed = await json(up, { CI: "true", DS_LOCAL: "1" });
  expect(allowed.status, allowed.stderr).toBe(0);
});

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { testWith } from "../../../scripts/test-support/needs.ts";
import { actionlint } from "../helpers/tools.ts";

const folder = fileURLToPath(new URL("../../../.github/workflows", import.meta.url));
const read = (name: string) => readFileSync(join(folder, name), "utf8");

describe("the workflows", () => {
  testWith(actionlint, "pass actionlint", (path) => {
    const files = readdirSync(folder).map((name) => join(folder, name));
    const { status, stdout } = spawnSync(path, files, { encoding: "utf8" });
    expect(stdout).toBe("");
    expect(status).toBe(0);
  });

  test("deploy and teardown share one concurrency group, and none is cut off", () => {
    const preview = read("preview.yml");
    expect(preview.match(/^concurrency:/gm)).toHaveLength(1);
    expect(preview).toMatch(/group: preview-\$\{\{ github\.event\.pull_request\.number \}\}/);
    expect(preview).toContain("cancel-in-progress: false");
    expect(preview).toContain("command: up");
    expect(preview).toContain("command: down");
  });

  test("code of a fork never runs with the secrets", () => {
    const preview = read("preview.yml");
    expect(preview).not.toContain("pull_request_target");
    const jobs = parse(preview).jobs as Record<string, object>;
    for (const [name, job] of Object.entries(jobs)) {
      const text = JSON.stringify(job);
      if (/secrets\.|"write"/.test(text)) {
        expect(text, name).toContain("head.repo.full_name == github.repository");
      }
    }
    expect(Object.keys(jobs)).toEqual(["up", "fork", "down"]);
  });

  test("no workflow has more rights than its jobs ask for, and no secret is every step's", () => {
    for (const name of readdirSync(folder)) {
      const { permissions, env } = parse(read(name));
      expect(permissions, name).toEqual({});
      expect(env, name).toBeUndefined();
    }
  });

  test("what an event says is never a part of a shell command", () => {
    for (const name of readdirSync(folder)) {
      expect(read(name), name).not.toMatch(/run:.*\$\{\{/);
    }
  });

  test("what they deploy is this repository's own sample", () => {
    const config = readFileSync(join(folder, "../../ds.config.ts"), "utf8");
    expect(config).toContain('infra: { folder: "infra" }');
  });

  test("every night what is stale goes", () => {
    expect(read("reconcile.yml")).toContain("command: reconcile");
  });
});

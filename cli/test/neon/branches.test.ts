import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ds } from "../helpers/command.ts";
import { makeProject, type TestProject } from "../helpers/project.ts";
import { withScratchFolder } from "../helpers/scratch.ts";

// Commands that look at branches and make them by hand, on a real engine.

const scratch = withScratchFolder();
const env = { DS_HOME: join(scratch.path, "home") };
let project: TestProject;

/** The document of a command that ends with `status`. */
async function json(args: string[], status = 0) {
  const ended = await project.run(...args, "--json");
  expect(ended, ended.stderr).toMatchObject({ status });
  return JSON.parse(ended.stdout);
}

async function api(method: string, path: string): Promise<void> {
  const { NEON_API_HOST, NEON_API_KEY } = await json(["engine", "env"]);
  const headers = { authorization: `Bearer ${NEON_API_KEY}` };
  expect((await fetch(`${NEON_API_HOST}${path}`, { method, headers })).ok).toBe(true);
}

beforeAll(async () => {
  project = makeProject(scratch.path, "shop", env);
  expect(await project.run("setup", "--developer", "phil")).toMatchObject({ status: 0 });
});

afterAll(async () => {
  await ds(scratch.path, ["engine", "stop"], env);
});

/** A branch of the developer's own one, for one test. */
async function withBranch(name: string, work: () => Promise<void>): Promise<void> {
  await json(["db", "create", name, "--from", "dev-phil-local"]);
  try {
    await work();
  } finally {
    await project.run("db", "delete", name, "--yes");
  }
}

const names = async () =>
  (await json(["db", "branches"])).branches.map(({ name }: { name: string }) => name);

describe("ds db branches, create and delete", () => {
  test("a branch of a branch is drawn below it", () =>
    withBranch("try-index", async () => {
      const { stdout } = await project.run("db", "branches");
      const drawn = stdout
        .trim()
        .split("\n")
        .map((line) => /^[ ├└│─]*\S+(?: \*)?/.exec(line)?.[0]);
      expect(drawn).toEqual(["BRANCH", "main", "└─ dev-phil-local *", "   └─ try-index"]);
      const { branches } = await json(["db", "branches"]);
      expect(
        branches.map(({ name, current, owner }: Record<string, unknown>) => [name, current, owner]),
      ).toEqual([
        ["main", false, null],
        ["dev-phil-local", true, "phil"],
        ["try-index", false, "phil"],
      ]);
    }));

  test("--sizes: what each takes on the disk, its bases and its log included", async () => {
    const { branches } = await json(["db", "branches", "--sizes"]);
    expect(branches).toHaveLength(2);
    for (const { name, disk } of branches) {
      expect(disk.dataBytes, name).toBeGreaterThan(disk.walBytes);
      expect(disk.walBytes, name).toBeGreaterThan(0);
      expect(disk.basesBytes > 0, name).toBe(disk.bases > 0);
    }
    const { sizes, allBytes } = await json(["engine", "status"]);
    expect(sizes.map(({ name }: { name: string }) => name).sort()).toEqual([
      "dev-phil-local",
      "main",
    ]);
    const own = sizes.map(({ ownBytes }: { ownBytes: number | null }) => ownBytes);
    // Blocks that several share are counted once, and nobody's own.
    if (allBytes !== null) expect(own[0] + own[1]).toBeLessThanOrEqual(allBytes);
    expect((await project.run("db", "branches", "--sizes")).stdout).toMatch(/^BRANCH +DATA .* OWN/);
    expect((await json(["db", "branches"])).branches[0]).not.toHaveProperty("disk");
  });

  test("a branch with a time to live says when it ends, and where it is; deleted, it is gone", async () => {
    const before = Date.now();
    const args = ["db", "create", "brief", "--from", "dev-phil-local", "--ttl", "2h"];
    const made = await json(args);
    const after = Date.now();
    expect(made.branch).toMatchObject({ name: "brief", parent: { name: "dev-phil-local" } });
    const end = Date.parse(made.branch.expiresAt);
    expect(end).toBeGreaterThan(before + 7_190_000);
    expect(end).toBeLessThan(after + 7_210_000);
    expect(made.endpoint.host).toMatch(/^localhost:\d+$/);
    expect((await json(["db", "delete", "brief", "--yes"])).deleted.name).toBe("brief");
    expect(await names()).toEqual(["main", "dev-phil-local"]);
    expect((await json(["db", "delete", "brief", "--yes"], 4)).error.code).toBe("NOT_FOUND");
  });

  test("what has children, is shared or is main stays, --yes or not", () =>
    withBranch("child", async () => {
      const { error } = await json(["db", "delete", "dev-phil-local", "--yes"], 6);
      expect(error).toMatchObject({ code: "REFUSED", reason: "BRANCH_HAS_CHILDREN" });
      expect(error.message).toContain("child");
      expect((await json(["db", "delete", "main", "--yes"], 6)).error).toMatchObject({
        code: "REFUSED",
        reason: "BRANCH_IS_DEFAULT",
      });
      expect(await names()).toEqual(["main", "dev-phil-local", "child"]);
    }));

  test("without a terminal and without --yes: exit 2, nothing changed, and how to go on", () =>
    withBranch("asked", async () => {
      const { error } = await json(["db", "delete", "asked"], 2);
      expect(error.code).toBe("CONFIRMATION_REQUIRED");
      expect(error.hint).toContain("ds db delete asked --yes");
      expect(await names()).toContain("asked");
    }));

  test("only data: no endpoint", async () => {
    expect((await json(["db", "create", "only-data", "--no-endpoint"])).endpoint).toBeNull();
    await json(["db", "delete", "only-data", "--yes"]);
  });

  test("a time to live beyond what the API takes: exit 2", async () => {
    await json(["db", "create", "x", "--ttl", "31d"], 2);
  });
});

describe("ds db url and current", () => {
  test("the URL connects, and no other command shows its password", async () => {
    const { url, stage } = await json(["db", "url"]);
    expect(stage).toBe("phil-local");
    const client = new Client({ connectionString: url });
    await client.connect();
    expect((await client.query("select word from words")).rows).toEqual([{ word: "small" }]);
    await client.end();
    const { password } = new URL(url);
    expect(password).not.toBe("");
    for (const args of [["setup"], ["db", "status"], ["db", "current"], ["db", "branches"]]) {
      for (const more of [["--verbose"], ["--json"]]) {
        const { stdout, stderr } = await project.run(...args, ...more);
        expect(stdout + stderr).not.toContain(password);
      }
    }
  });

  test("each connection string is resolved by its host", async () => {
    const { connections } = await json(["db", "current"]);
    expect(connections).toHaveLength(2);
    for (const connection of connections) {
      expect(connection).toMatchObject({
        source: ".env",
        project: { name: "shop" },
        branch: { name: "dev-phil-local" },
        stage: "phil-local",
      });
    }
  });
});

describe("ds db status", () => {
  test("of main, through the stage of that name: protected", async () => {
    const status = await json(["db", "status", "--target", "main"]);
    expect(status).toMatchObject({
      stage: "main",
      stageSource: "--target",
      branch: { name: "main", default: true, protected: true, parent: null },
      envFile: { pointsHere: false },
    });
  });

  test("a suspended branch is looked at without waking it, and woken with --wake", async () => {
    const awake = await json(["db", "status"]);
    expect(awake).toMatchObject({
      endpoint: { state: "active" },
      postgresVersion: expect.stringMatching(/^18\.\d+$/),
      migrations: { applied: ["0000_words"], pending: [] },
    });
    await api("POST", `/projects/${awake.project.id}/endpoints/${awake.endpoint.id}/suspend`);
    const asleep = await json(["db", "status"]);
    expect(asleep.endpoint.state).toBe("idle");
    expect(asleep.migrations).toEqual(awake.migrations);
    expect((await json(["db", "status"])).endpoint.state).toBe("idle");
    const woken = await json(["db", "status", "--wake"]);
    expect(woken.endpoint.state).toBe("active");
    expect(Date.parse(woken.migrations.asOf)).toBeGreaterThan(Date.parse(asleep.migrations.asOf));
  });

  test("another stage: the flag, then the environment, then the env file", async () => {
    const sources = async (args: string[], more: NodeJS.ProcessEnv = {}) => {
      const ended = await ds(project.file("."), ["db", "status", "--json", ...args], {
        ...env,
        ...more,
      });
      return JSON.parse(ended.stdout).stageSource;
    };
    expect(await sources([])).toBe("DEVSTRIDE_STAGE in .env");
    expect(await sources([], { DEVSTRIDE_STAGE: "main" })).toBe(
      "DEVSTRIDE_STAGE in the environment",
    );
    expect(await sources(["--target", "main"], { DEVSTRIDE_STAGE: "a-b" })).toBe("--target");
    expect(readFileSync(project.envFile, "utf8")).toContain("DEVSTRIDE_STAGE=phil-local");
  });

  test("after the engine was killed the next command finds everything again", async () => {
    const before = await json(["db", "status"]);
    process.kill((await json(["engine", "status"])).pid, "SIGKILL");
    const after = await json(["db", "status", "--wake"]);
    expect(after.branch.id).toBe(before.branch.id);
    expect(after.endpoint.host).toBe(before.endpoint.host);
    expect(await project.words()).toEqual(["small"]);
  });
});

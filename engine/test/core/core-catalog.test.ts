import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { conflict } from "../../src/lib/engine-error.ts";
import * as files from "../../src/lib/io/files.ts";
import type { BranchRecord, EndpointRecord, ProjectRecord } from "../../src/model/records.ts";
import type { Change } from "../../src/storage/catalog-change.ts";
import { Catalog } from "../../src/storage/io/catalog.ts";
import type { Disk } from "../../src/storage/io/journaled-files.ts";

/** Each change of the catalog, cut off between any two of its steps on the disk. */

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ds-catalog-"));
});
afterEach(() => rm(directory, { recursive: true }));

const at = "2026-01-01T00:00:00.000Z";
const project: ProjectRecord = {
  id: "quiet-river-12345678",
  name: "p",
  pgVersion: 18,
  createdAt: at,
  updatedAt: at,
  historyRetentionSeconds: 0,
  defaultEndpointSettings: {
    autoscalingLimitMinCu: 1,
    autoscalingLimitMaxCu: 1,
    suspendTimeoutSeconds: 0,
    pgSettings: {},
  },
  settings: {},
};

function branch(name: string, more: Partial<BranchRecord> = {}): BranchRecord {
  return {
    id: `br-${name}`,
    projectId: project.id,
    name,
    default: false,
    protected: false,
    initSource: "parent-data",
    createdAt: at,
    updatedAt: at,
    roles: [],
    databases: [],
    dataDir: `${name}-data`,
    passwordsToApply: [],
    ...more,
  };
}

const endpoint: EndpointRecord = {
  ...project.defaultEndpointSettings,
  id: "ep-main",
  projectId: project.id,
  branchId: "br-main",
  type: "read_write",
  port: 24_001,
  disabled: false,
  createdAt: at,
  updatedAt: at,
};

const main = branch("main", { default: true });
const child = branch("child", { parentId: main.id });
const beginning: Change = {
  projects: [project],
  branches: [
    { branch: main, endpoints: [endpoint] },
    { branch: child, endpoints: [] },
  ],
};

/** A restore that keeps the old state: three files that must change together. */
const restore: Change = {
  branches: [
    { branch: branch("kept", { dataDir: "main-data" }), endpoints: [] },
    { branch: { ...child, parentId: "br-kept" }, endpoints: [] },
    { branch: { ...main, dataDir: "new-data", parentId: "br-kept" }, endpoints: [endpoint] },
  ],
};

const changes: Record<string, Change> = {
  "of one file": { branches: [{ branch: branch("new"), endpoints: [] }] },
  "that removes one file": { removedBranches: [child] },
  "of three files": restore,
  "that removes a project": { removedBranches: [main, child], removedProjects: [project] },
};

type Step = (what: string) => Promise<void> | void;

/** A disk on which `before` is asked before each step. */
function watchedDisk(before: Step): Disk {
  return {
    makeDirectory: files.makeDirectory,
    syncDirectory: async (path) => {
      await before("sync");
      await files.syncDirectory(path);
    },
    unlinkIfThere: async (path) => {
      await before("unlink");
      await files.unlinkIfThere(path);
    },
    prepareFile: async (...parameters) => {
      await before("prepare");
      const { rename, drop } = await files.prepareFile(...parameters);
      await before("rename soon");
      return {
        drop,
        rename: async () => {
          await before("rename");
          await rename();
        },
      };
    },
  };
}

async function opened(disk?: Disk): Promise<Catalog> {
  const catalog = new Catalog(directory, disk);
  await catalog.load();
  return catalog;
}

const contents = ({ projects, branches, endpoints }: Catalog) =>
  JSON.stringify([projects, branches, endpoints].map((map) => [...map].sort()));

/** What the change leads to when nothing goes wrong, and how many steps it takes. */
async function rehearse(change: Change) {
  await (await opened()).commit(() => beginning);
  const before = contents(await opened());
  let steps = 0;
  const counting = watchedDisk(() => {
    steps += 1;
  });
  const catalog = new Catalog(directory, counting);
  await catalog.load();
  steps = 0;
  await catalog.commit(() => change);
  const after = contents(await opened());
  expect(contents(catalog)).toBe(after);
  expect(after).not.toBe(before);
  return { before, after, steps };
}

async function beginAgain() {
  await rm(directory, { recursive: true });
  await files.makeDirectory(directory, 0o700);
  await (await opened()).commit(() => beginning);
}

describe.each(Object.entries(changes))("a change %s", (_, change) => {
  test("killed before any of its steps is found as not made or as made", async () => {
    const { before, after, steps } = await rehearse(change);
    const seen = { before: 0, after: 0 };
    for (let dying = 1; dying <= steps; dying += 1) {
      await beginAgain();
      await killedAt(dying, change);
      const found = contents(await opened());
      expect([before, after]).toContain(found);
      seen[found === before ? "before" : "after"] += 1;
      // Whoever comes next finds the same, and no crumbs.
      expect(contents(await opened())).toBe(found);
      expect((await allFiles()).filter((name) => /\.tmp$|journal/.test(name))).toEqual([]);
    }
    expect(seen.before).toBeGreaterThan(0);
    expect(seen.after).toBeGreaterThan(0);
  });

  test("that is recovered may itself be killed in its recovery", async () => {
    const { before, after, steps } = await rehearse(change);
    for (let dying = 1; dying <= steps; dying += 1) {
      for (let again = 1; again <= steps; again += 1) {
        await beginAgain();
        await killedAt(dying, change);
        await killedAt(again, undefined);
        expect([before, after]).toContain(contents(await opened()));
      }
    }
  });

  test("that fails on a full disk is not made, or refuses further ones until the next start", async () => {
    const { before, after, steps } = await rehearse(change);
    for (let failing = 1; failing <= steps; failing += 1) {
      await beginAgain();
      let left = Number.POSITIVE_INFINITY;
      const disk = watchedDisk(() => {
        left -= 1;
        if (left <= 0) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      });
      const catalog = await opened(disk);
      let broken = false;
      catalog.onBroken = () => {
        broken = true;
      };
      left = failing;
      const failure = await catalog.commit(() => change).catch((error: { code: string }) => error);
      expect(failure).toMatchObject({ code: broken ? "CATALOG_BROKEN" : "ENOSPC" });
      expect(contents(catalog)).toBe(before);
      left = Number.POSITIVE_INFINITY;
      if (broken) {
        await expect(catalog.commit(() => change)).rejects.toMatchObject({
          code: "CATALOG_BROKEN",
        });
        expect(contents(await opened())).toBe(after);
      } else {
        expect(contents(await opened())).toBe(before);
        await catalog.commit(() => change);
        expect(contents(await opened())).toBe(after);
      }
    }
  });
});

/** A commit (or, without a change, a load) that never gets beyond its n-th step. */
async function killedAt(n: number, change: Change | undefined): Promise<void> {
  let steps = 0;
  let isArmed = change === undefined;
  let die = () => {};
  const died = new Promise<void>((resolve) => {
    die = resolve;
  });
  const disk = watchedDisk(() => {
    if (!isArmed) return;
    steps += 1;
    if (steps < n) return;
    die();
    return new Promise<void>(() => {});
  });
  const catalog = new Catalog(directory, disk);
  const work = async () => {
    await catalog.load();
    isArmed = true;
    if (change) await catalog.commit(() => change);
  };
  await Promise.race([work(), died]);
}

async function allFiles(): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

test("what a change finds out at its turn makes it not happen", async () => {
  const catalog = await opened();
  await catalog.commit(() => beginning);
  const refusal = conflict("BRANCH_ALREADY_EXISTS", "the name is taken");
  const refuse = () => {
    throw refusal;
  };
  await expect(catalog.commit(refuse)).rejects.toBe(refusal);
  await catalog.commit(() => restore);
  expect(catalog.childrenOf("br-kept").map(({ name }) => name)).toEqual(["main", "child"]);
});

test("a file that is no JSON is named, not passed over", async () => {
  await (await opened()).commit(() => beginning);
  const file = join(directory, project.id, "br-main.json");
  await writeFile(file, "{");
  await expect(opened()).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining(file),
  });
});

test("operations are remembered, and a line cut off by a crash is passed over", async () => {
  const catalog = await opened();
  await catalog.commit(() => beginning);
  const operation = {
    id: "1",
    projectId: project.id,
    action: "create_branch" as const,
    status: "finished" as const,
    createdAt: at,
    updatedAt: at,
    totalDurationMs: 0,
  };
  await catalog.record(operation);
  await writeFile(join(directory, project.id, "operations.jsonl"), '{"id":"2', { flag: "a" });
  expect((await opened()).operations).toEqual([operation]);
});

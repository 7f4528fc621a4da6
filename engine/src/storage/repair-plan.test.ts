import { describe, expect, test } from "vitest";
import { defaultEndpointSettings } from "../model/default-settings.ts";
import type { Identity } from "../model/identity.ts";
import type {
  BranchRecord,
  EndpointRecord,
  ProjectRecord,
  SnapshotRecord,
} from "../model/records.ts";
import type { FoundData } from "./data-check.ts";
import { checkRecords, type RecordFile } from "./record-check.ts";
import { type HomeState, planRepair } from "./repair-plan.ts";

const at = "2026-01-01T00:00:00.000Z";
const project: ProjectRecord = {
  id: "p-1",
  name: "shop",
  pgVersion: 18,
  createdAt: at,
  updatedAt: at,
  historyRetentionSeconds: 0,
  defaultEndpointSettings,
  settings: {},
};
const branch = (name: string, more: Partial<BranchRecord> = {}): BranchRecord => ({
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
});
const endpoint: EndpointRecord = {
  ...defaultEndpointSettings,
  id: "ep-main",
  projectId: project.id,
  branchId: "br-main",
  type: "read_write",
  port: 24_001,
  disabled: false,
  createdAt: at,
  updatedAt: at,
};
const main = { branch: branch("main", { default: true }), endpoints: [endpoint] };
const child = { branch: branch("child", { parentId: "br-main" }), endpoints: [] };
const snapshot: SnapshotRecord = {
  id: "snap-one",
  projectId: project.id,
  name: "one",
  sourceBranchId: "br-main",
  timestamp: at,
  createdAt: at,
  updatedAt: at,
  dataDir: "snap-data",
  image: { roles: [], databases: [], initSource: "parent-data" },
};

const file = (name: string, content: unknown): RecordFile => ({
  path: `/home/catalog/p-1/${name}`,
  project: "p-1",
  name,
  content,
});
const files = [
  file("project.json", project),
  file("br-main.json", main),
  file("br-child.json", child),
  file("snap-one.json", snapshot),
];
const directory = (name: string, identity?: Identity): FoundData => ({
  name,
  path: `/home/data/pgdata/${name}`,
  isCluster: true,
  version: 18,
  ...(identity ? { identity } : {}),
});
const directories = [
  directory("main-data", { dataDir: "main-data", project, branch: main }),
  directory("child-data", { dataDir: "child-data", project, branch: child }),
  directory("snap-data", { dataDir: "snap-data", project, snapshot }),
];
const home = (more: Partial<HomeState> = {}): HomeState => ({
  files,
  directories,
  notes: { dropped: new Set(), unfinished: new Set() },
  at: { pgdata: "/home/data/pgdata", record: (p, id) => `/home/catalog/${p}/${id}.json` },
  pgVersion: 18,
  now: at,
  ...more,
});
const without = (...names: string[]) => files.filter(({ name }) => !names.includes(name));
const instead = (name: string, content: unknown) => [...without(name), file(name, content)];
const written = (state: HomeState) =>
  Object.fromEntries(planRepair(state).repairs.map(({ path, content }) => [path, content]));

test("a home that is whole needs nothing", () => {
  expect(planRepair(home())).toEqual({ repairs: [], left: [] });
});

describe("each record comes back from the data directory, whatever has become of its file", () => {
  const records = { "project.json": project, "br-main.json": main, "br-child.json": child };
  test.each(
    Object.entries({ ...records, "snap-one.json": snapshot }).flatMap(([name, record]) =>
      [null, {}, [], "text", { id: "br-other" }, main, child, snapshot]
        .filter((wrong) => wrong !== record)
        .map((wrong) => [name, wrong, record] as const),
    ),
  )("%s as %j", (name, wrong, record) => {
    const found = written(home({ files: instead(name, wrong) }));
    expect(found).toEqual({ [`/home/catalog/p-1/${name}`]: record });
  });

  test.each(Object.entries({ ...records, "snap-one.json": snapshot }))(
    "%s removed",
    (name, record) => {
      const found = written(home({ files: without(name) }));
      expect(found).toEqual({ [`/home/catalog/p-1/${name}`]: record });
    },
  );

  const [first, second, third] = directories as [FoundData, FoundData, FoundData];
  test.each([
    ["in their order", [first, second, third]],
    ["the snapshot's first", [third, second, first]],
    ["a child's first", [second, third, first]],
  ])("all of them at once: the whole catalog, %s", (_, all) => {
    const back = written(home({ files: [], directories: all }));
    expect(Object.keys(back).sort()).toEqual(files.map(({ path }) => path).sort());
    expect(back["/home/catalog/p-1/project.json"]).toEqual(project);
  });

  test("one that cannot be read", () => {
    const unreadable = { path: "/home/catalog/p-1/br-main.json", project: "p-1", failure: "EIO" };
    const state = home({
      files: [...without("br-main.json"), { ...unreadable, name: "br-main.json" }],
    });
    expect(written(state)).toEqual({ [unreadable.path]: main });
  });
});

describe("where no data directory tells", () => {
  const untold = directories.map(({ name }) => directory(name));

  test("a project gets a record by its id", () => {
    const found = written(home({ files: without("project.json"), directories: untold }));
    expect(found).toMatchObject({ "/home/catalog/p-1/project.json": { id: "p-1", name: "p-1" } });
  });

  test("a wrong record is set aside, its child becomes a root, and the default one", () => {
    const found = written(home({ files: instead("br-main.json", {}), directories: untold }));
    expect(found["/home/catalog/p-1/br-main.json"]).toBeUndefined();
    const { branch: root } = found["/home/catalog/p-1/br-child.json"] as typeof child;
    expect(root).toMatchObject({ id: "br-child", default: true });
    expect(root).not.toHaveProperty("parentId");
  });
});

test("a record whose data is gone is set aside; one whose data lies elsewhere refers to it again", () => {
  const gone = directories.filter(({ name }) => name !== "child-data");
  const path = "/home/catalog/p-1/br-child.json";
  expect(planRepair(home({ directories: gone })).repairs).toEqual([
    { path, says: expect.stringContaining(path) },
  ]);
  const older = { ...child, branch: { ...child.branch, dataDir: "of-before" } };
  expect(written(home({ files: instead("br-child.json", older) }))).toEqual({ [path]: child });
});

test("no data directory at all: a volume that is not mounted, so no record is touched", () => {
  const { repairs, left } = planRepair(home({ directories: [] }));
  expect(repairs).toEqual([]);
  expect(left.map(({ kind }) => kind)).toEqual(["missing-data", "missing-data", "missing-data"]);
});

test("Postgres' version file is written again, unless it names a version that there is", () => {
  const path = "/home/data/pgdata/child-data/PG_VERSION";
  const versioned = (version: number | undefined) =>
    directories.map((found) => {
      if (found.name !== "child-data") return found;
      const { version: _, ...rest } = found;
      return { ...rest, ...(version === undefined ? {} : { version }) };
    });
  for (const version of [undefined, 1]) {
    const { repairs, left } = planRepair(home({ directories: versioned(version) }));
    expect(repairs).toEqual([{ path, text: "18\n", says: expect.stringContaining(path) }]);
    expect(left).toEqual([]);
  }
  const later = planRepair(home({ directories: versioned(19) }));
  expect(later).toMatchObject({ repairs: [], left: [{ kind: "missing-version", path }] });
});

test("two branches on one data directory: each gets its own again", () => {
  const wrong = { ...child, branch: { ...child.branch, dataDir: "main-data" } };
  expect(written(home({ files: instead("br-child.json", wrong) }))).toEqual({
    "/home/catalog/p-1/br-child.json": child,
  });
});

test("what was deleted, or never finished, is not missing", () => {
  const files = without("br-child.json");
  const none = new Set<string>();
  const noted = new Set(["child-data"]);
  const deleted = { dropped: noted, unfinished: none };
  expect(planRepair(home({ files, notes: deleted })).repairs).toEqual([]);
  const interrupted = { dropped: none, unfinished: noted };
  expect(planRepair(home({ files, notes: interrupted })).repairs).toEqual([]);
});

test("a name and a port that somebody else has by now are theirs", () => {
  const other = {
    branch: branch("other", { name: "main", default: true }),
    endpoints: [{ ...endpoint, id: "ep-other", branchId: "br-other" }],
  };
  const found = written(
    home({
      files: [...without("br-main.json"), file("br-other.json", other)],
      directories: [...directories, directory("other-data")],
    }),
  );
  expect(found["/home/catalog/p-1/br-main.json"]).toMatchObject({
    branch: { name: "main-recovered-1", default: false },
    endpoints: [],
  });
});

test("data directories that were exchanged, and records of a later version, are left to a person", () => {
  const exchanged = directories.map((found, index) => ({
    ...found,
    ...(index < 2 && { identity: directories[1 - index]?.identity as Identity }),
  }));
  expect(planRepair(home({ directories: exchanged })).left.map(({ kind }) => kind)).toEqual([
    "exchanged-data",
    "exchanged-data",
  ]);
  const later = instead("br-child.json", { ...child, version: 2 });
  expect(planRepair(home({ files: later })).left.map(({ kind }) => kind)).toEqual([
    "other-version",
  ]);
});

test.each([
  ["../../etc", "a way out"],
  ["a/b", "a path"],
  ["", "nothing"],
])("a record whose data directory is %j (%s) is none", (dataDir) => {
  const wrong = { ...child, branch: { ...child.branch, dataDir } };
  const { damages } = checkRecords(instead("br-child.json", wrong));
  expect(damages).toMatchObject([{ kind: "malformed", path: "/home/catalog/p-1/br-child.json" }]);
});

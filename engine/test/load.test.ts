import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, vi } from "vitest";
import { mountXfs, type Volume, xfs } from "../../e2e/support/volume.ts";
import { limits, slow } from "../../scripts/test-support/limits.ts";
import { anywhere, longRun, testWith } from "../../scripts/test-support/needs.ts";
import { sql, TestProject } from "./support/branches.ts";
import { Dice } from "./support/dice.ts";
import { makeFolder } from "./support/folder.ts";
import { quickFolder } from "./support/quick-folder.ts";
import { openTestEngine, type TestEngine } from "./support/test-engine.ts";

/**
 * Many clients at once that create, rename, restore and delete branches of one project. Ten seconds
 * with 12 clients; `npm run load` in engine/: two minutes with 50.
 */

const long = longRun.find() === true;
const clients = long ? 50 : 12;
const durationMs = long ? 120_000 : 10_000;
/** More computes at once than this would measure the machine's memory, not the engine. */
const branchesOfAClient = 2;

vi.setConfig({ testTimeout: limits.longTest });

interface Made {
  branch: { id: string; name: string };
  connection_uris?: { connection_uri: string }[];
}

interface Listed {
  id: string;
  parent_id?: string;
  name: string;
  default: boolean;
}

/** A file system with reflinks where one is to be had, as it is recommended to users. */
const hasXfs = xfs.find();
const loadTest = (name: string, body: () => Promise<void>) =>
  testWith(hasXfs ? xfs : anywhere, name, body);

let engine: TestEngine;
let project: TestProject;
let volume: Volume | undefined;
let folder: string;

beforeAll(async () => {
  folder = makeFolder();
  engine = await openTestEngine({ home: await makeHome() });
  project = await TestProject.create(engine);
  await sql(project.main.uri, "create table kept as select generate_series(1, 1000) as id");
});

afterAll(async () => {
  await engine?.close();
  volume?.unmount();
  rmSync(folder, { recursive: true, force: true });
});

async function makeHome(): Promise<string> {
  if (!hasXfs) return quickFolder();
  volume = mountXfs(join(folder, "xfs"), 64 * 1024 ** 3);
  return join(volume.path, "home");
}

/** Answers by route and status; statuses of the state of things are right where clients race. */
const answered = new Map<string, number>();
const slowest = new Map<string, number>();

async function send(what: string, method: string, path: string, body?: unknown) {
  const began = performance.now();
  const response = await engine.send(method, `/projects/${project.id}${path}`, body);
  slowest.set(what, Math.max(slowest.get(what) ?? 0, performance.now() - began));
  const key = `${what} ${response.status}`;
  answered.set(key, (answered.get(key) ?? 0) + 1);
  return response;
}

const changes = ["create 201", "rename 200", "restore 200", "delete 200"];
/** A busy machine gets to each of them late; how much it gets done is not what is tested. */
const isOver = (until: number) =>
  Date.now() > until &&
  (changes.every((change) => answered.has(change)) || Date.now() > until + slow(120_000));

async function client(number: number, until: number): Promise<void> {
  const dice = new Dice(number + 1);
  const next = (below: number) => dice.below(below);
  const own: string[] = [];
  const pick = () => own[next(own.length)] ?? "";
  for (let step = 0; !isOver(until); step++) {
    const name = `c${number}-${step}`;
    const action = own.length === 0 ? 0 : own.length >= branchesOfAClient ? 1 + next(5) : next(6);
    if (action === 0) {
      // Some of another's, some of a name that another takes at the same time.
      const parent =
        next(3) === 0 ? ((await list())[next(20)]?.id ?? project.main.id) : project.main.id;
      const response = await send("create", "POST", "/branches", {
        branch: { name: next(10) === 0 ? `contested-${step}` : name, parent_id: parent },
        endpoints: [{ type: "read_write" }],
      });
      if (response.ok) own.push(((await response.json()) as Made).branch.id);
    } else if (action === 1) {
      await send("rename", "PATCH", `/branches/${pick()}`, { branch: { name: `${name}-renamed` } });
    } else if (action === 2) {
      const keep = next(4) === 0 ? { preserve_under_name: `${name}-kept` } : {};
      const body = { source_branch_id: project.main.id, ...keep };
      await send("restore", "POST", `/branches/${pick()}/restore`, body);
    } else if (action === 3) {
      const id = pick();
      const response = await send("delete", "DELETE", `/branches/${id}`);
      if (response.ok) own.splice(own.indexOf(id), 1);
    } else if (action === 4) {
      await send("restore", "POST", `/branches/${pick()}/restore`, {
        source_branch_id: (await list())[next(20)]?.id ?? project.main.id,
      });
    } else {
      // Two deletions of one branch at once.
      const id = pick();
      const both = [1, 2].map(() => send("delete", "DELETE", `/branches/${id}`));
      if ((await Promise.all(both)).some(({ ok }) => ok)) own.splice(own.indexOf(id), 1);
    }
  }
}

async function list(): Promise<Listed[]> {
  const response = await send("list", "GET", "/branches?sort_by=created_at");
  return ((await response.json()) as { branches: Listed[] }).branches;
}

loadTest(`${clients} clients for ${durationMs / 1000} s: no failure, nothing lost`, async () => {
  const until = Date.now() + durationMs;
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number, until)));
  const report = [...answered].sort().map(([key, count]) => `${key}: ${count}`);
  const times = [...slowest].map(([what, ms]) => `${what} ${Math.round(ms)} ms`);
  const noted = engine.log.filter((line) => line.includes("no base")).length;
  console.log(`bases of histories that could not be kept, as their branches went away: ${noted}`);
  console.log(`answers: ${report.join(", ")}; slowest: ${times.join(", ")}`);
  const right =
    /^(list 200|create (201|404|409|422|423)|rename (200|404|409|423)|restore (200|404|422|423)|delete (200|204|422|423))$/;
  expect([...answered.keys()].filter((key) => !right.test(key))).toEqual([]);
  expect(changes.filter((change) => !answered.has(change))).toEqual([]);
  expect(engine.log.filter((line) => line.includes("failed"))).toEqual([]);
});

loadTest("what is left hangs together, and every branch connects", async () => {
  const branches = await list();
  const ids = new Set(branches.map(({ id }) => id));
  expect(new Set(branches.map(({ name }) => name)).size).toBe(branches.length);
  expect(branches.filter(({ parent_id }) => parent_id && !ids.has(parent_id))).toEqual([]);
  expect(branches.filter((branch) => branch.default).map(({ id }) => id)).toEqual([
    project.main.id,
  ]);
  const { endpoints } = await project.call<{ endpoints: { branch_id: string; id: string }[] }>(
    200,
    "GET",
    "/endpoints",
  );
  expect(endpoints.filter(({ branch_id }) => !ids.has(branch_id))).toEqual([]);
  for (const { branch_id, id } of endpoints) {
    const path = `/connection_uri?branch_id=${branch_id}&database_name=neondb&role_name=neondb_owner`;
    const { uri } = await project.call<{ uri: string }>(200, "GET", path);
    expect(await sql(uri, "select count(*)::int as rows from kept")).toEqual([{ rows: 1000 }]);
    await project.call(200, "POST", `/endpoints/${id}/suspend`);
  }
});

loadTest("nothing is left over: no directory, no process, no port", async () => {
  const referenced = await dataDirs();
  await project.call(200, "POST", `/endpoints/${project.main.endpointId}/suspend`);
  await expect.poll(() => readdir(join(engine.home, "data", "trash"))).toEqual([]);
  // Bases of histories are made in pgdata/ and moved away.
  await expect
    .poll(async () => (await readdir(join(engine.home, "data", "pgdata"))).sort())
    .toEqual(referenced);
  await expect.poll(() => postgresOf(engine.home)).toEqual([]);
  expect(listening()).toBe(1 + (await endpointPorts()).length);
});

async function catalogFiles(): Promise<string[]> {
  const folder = join(engine.home, "catalog");
  const names = await readdir(folder, { recursive: true });
  return Promise.all(
    names
      .filter((name) => /br-[^/]*\.json$/.test(name))
      .map((name) => readFile(join(folder, name), "utf8")),
  );
}

async function dataDirs(): Promise<string[]> {
  const files = await catalogFiles();
  return files.map((text) => JSON.parse(text).branch.dataDir as string).sort();
}

async function endpointPorts(): Promise<number[]> {
  const files = await catalogFiles();
  return files.flatMap((text) =>
    JSON.parse(text).endpoints.map(({ port }: { port: number }) => port),
  );
}

/** Command lines of the Postgres processes that serve this home. */
function postgresOf(home: string): string[] {
  return execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes("postgres") && line.includes(home));
}

/** How many sockets this process listens on: the API's, and one for each endpoint. */
const listening = () =>
  process.getActiveResourcesInfo().filter((name) => name === "TCPServerWrap").length;

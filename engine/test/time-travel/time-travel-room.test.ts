import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mountTmpfs, tmpfs } from "../../../e2e/support/volume.ts";
import { testWith } from "../../../scripts/test-support/needs.ts";
import { sql, type TestBranch, TestProject } from "../support/branches.ts";
import { makeFolder } from "../support/folder.ts";
import { openTestEngine, type TestEngine } from "../support/test-engine.ts";

/** Which copies are kept for the past where each costs its full size, and which are not. */

const history = { largestCopiedBase: 45_000_000 };
const big =
  "create table big as select repeat(md5(g::text), 30) t from generate_series(1, 60000) g";

let folder: string;
let engine: TestEngine;
let project: TestProject;

beforeAll(async () => {
  folder = makeFolder();
  engine = await openTestEngine({ home: join(folder, "home"), cloneMethod: "copy", history });
});

afterAll(async () => {
  await engine?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** To the microsecond: whatever is committed after it is later. */
const now = async ({ uri }: TestBranch) => {
  const text = `to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  return (await sql<{ now: string }>(uri, `select ${text} as now`))[0]?.now ?? "";
};

function basesOf(home: string, { id }: TestProject, branch: TestBranch) {
  const record = JSON.parse(readFileSync(join(home, "catalog", id, `${branch.id}.json`), "utf8"));
  const path = join(home, "data", "history", record.branch.dataDir);
  let names: string[] = [];
  try {
    names = readdirSync(path).sort();
  } catch {
    // There is none.
  }
  return { path, names };
}

test("the first projects of a home, made at once", async () => {
  [project] = (await Promise.all([TestProject.create(engine), TestProject.create(engine)])) as [
    TestProject,
    TestProject,
  ];
});

test("a restore asks whether the past fits that it brings back, not what it takes away", async () => {
  const { main } = project;
  await sql(main.uri, "create table notes (text text)");
  const small = await now(main);
  await sql(main.uri, "insert into notes values ('before the import')");
  await sql(main.uri, big);
  const large = await now(main);
  // The record knows the size once the branch has gone to sleep.
  await project.suspend(main);
  await project.call(200, "POST", `/branches/${main.id}/restore`, {
    source_branch_id: main.id,
    source_timestamp: small,
    preserve_under_name: "imported",
  });
  const moment = await now(main);
  await sql(main.uri, "insert into notes values ('a mistake')");
  const past = await project.branch("past", main, { branch: { parent_timestamp: moment } });
  expect(await sql(past.uri, "select text from notes")).toEqual([]);

  const imported = (await project.list()).find(({ name }) => name === "imported");
  await project.call(200, "POST", `/branches/${past.id}/restore`, {
    source_branch_id: imported?.id,
    source_timestamp: large,
  });
  expect(await sql(past.uri, "select count(*)::int as n from big")).toEqual([{ n: 60000 }]);
  expect(basesOf(engine.home, project, past).names).toEqual([]);
});

test("a base that a killed engine has not described goes with the next start", async () => {
  const { path, names } = basesOf(engine.home, project, project.main);
  const [name = ""] = names;
  expect(names).toEqual([name, `${name}.json`]);
  cpSync(join(path, name), join(path, "undescribed"), { recursive: true });
  await engine.stop();
  engine = await openTestEngine({ home: join(folder, "home"), cloneMethod: "copy", history });
  expect(basesOf(engine.home, project, project.main).names).toEqual(names);
});

testWith(tmpfs, "where there is too little room, none is tried, until there is", async () => {
  const volume = mountTmpfs(join(folder, "small"), "800M");
  const small = await openTestEngine({ home: join(volume.path, "home"), cloneMethod: "copy" });
  try {
    const tight = await TestProject.create(small, {
      // The shorter it is, the more often the engine looks after bases.
      default_endpoint_settings: { suspend_timeout_seconds: 2 },
    });
    const { main } = tight;
    const branch = await tight.branch("tight");
    await expect.poll(() => basesOf(small.home, tight, branch).names).toHaveLength(2);
    const free = 800 - Math.ceil(volume.used() / 2 ** 20);
    const ballast = join(volume.path, "ballast");
    writeFileSync(ballast, Buffer.alloc((free - 130) * 2 ** 20, 1));
    await tight.restore(branch, main, "tight-before");
    await sleep(2_000); // Several looks of the engine, which leave no trace where they do nothing.
    expect(basesOf(small.home, tight, branch).names).toEqual([]);
    expect(small.log.filter((line) => /no space|failed/.test(line))).toEqual([]);
    rmSync(ballast);
    const bases = () => basesOf(small.home, tight, branch).names;
    await expect.poll(bases).toHaveLength(2);
  } finally {
    await small.stop();
    volume.unmount();
  }
});

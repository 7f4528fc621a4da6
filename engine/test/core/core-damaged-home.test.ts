import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { limits } from "../../../scripts/test-support/limits.ts";
import { longRun, testWith } from "../../../scripts/test-support/needs.ts";
import { StartError } from "../../src/lib/start-error.ts";
import { repairCommand } from "../../src/lifecycle/io/repair-command.ts";
import { Home } from "../../src/storage/home.ts";
import { sql, type TestBranch, TestProject } from "../support/branches.ts";
import { copyHome, damages, dataIn, filesOf, otherOf } from "../support/damaged-home.ts";
import { quickFolder } from "../support/quick-folder.ts";
import { openTestEngine, type TestEngine } from "../support/test-engine.ts";

/**
 * A home whose files are lost or wrong: no data directory is ever removed. The engine serves everything as it
 * was, or refuses with a sentence that names what is wrong; a repair brings back what the data directories know.
 * DS_LONG=1 damages every file in every way.
 */

let folder: string;
let whole: string;
let files: string[];
let project: TestProject;
let child: TestBranch;
const marks: Record<string, string> = {};

beforeAll(async () => {
  folder = await quickFolder();
  chmodSync(folder, 0o711);
  whole = join(folder, "whole");
  const engine = await openTestEngine({ home: whole });
  project = await TestProject.create(engine);
  await mark(project.main, "main");
  child = await project.branch("child");
  await mark(child, "child");
  await project.call(200, "POST", `/branches/${project.main.id}/snapshot?name=kept`);
  await project.restore(child, project.main, "child-before");
  await mark(child, "child again");
  await engine.stop();
  files = filesOf(whole);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function mark(branch: TestBranch, text: string): Promise<void> {
  await sql(branch.uri, "create table if not exists marks (text text)");
  await sql(branch.uri, `insert into marks values ('${text}')`);
  marks[branch.name] = (await marksOf(branch)).join();
}

const marksOf = async ({ uri }: TestBranch) =>
  (await sql<{ text: string }>(uri, "select text from marks order by 1")).map(({ text }) => text);

/** The engine on a home, or why it does not start. */
async function opened(home: string): Promise<TestEngine | StartError> {
  return openTestEngine({ home }).catch((error: StartError) => {
    if (error instanceof StartError) return error;
    throw error;
  });
}

/** What of the branches is not as it was. */
async function wrongWith(engine: TestEngine): Promise<string[]> {
  const wrong: string[] = [];
  const here = new TestProject(engine, project.id, project.main);
  const names = (await here.list()).map(({ name }) => name).sort();
  if (names.join() !== "child,child-before,main") wrong.push(`branches ${names.join()}`);
  for (const branch of [project.main, child]) {
    const found = await marksOf(branch).catch((error: Error) => [error.message]);
    if (found.join() !== marks[branch.name]) wrong.push(`${branch.name}: ${found.join()}`);
  }
  const { snapshots } = await here.call<{ snapshots: { name: string }[] }>(
    200,
    "GET",
    "/snapshots",
  );
  if (snapshots.map(({ name }) => name).join() !== "kept") wrong.push("snapshots");
  return wrong;
}

type Outcome = "served" | "refused, and repaired" | "refused, for a person";

/** Damages a copy, and holds what the engine makes of it against the rule. */
async function damaged(name: string, damage: (home: string) => void): Promise<Outcome> {
  const home = join(folder, "copy");
  copyHome(whole, home);
  try {
    damage(home);
    const before = dataIn(home);
    const first = await opened(home);
    expect(dataIn(home), name).toEqual(before);
    if (!(first instanceof StartError)) {
      const wrong = await wrongWith(first);
      await first.stop();
      expect(wrong, name).toEqual([]);
      expect(dataIn(home), name).toEqual(expect.arrayContaining(before));
      return "served";
    }
    expect(first.message, name).toContain(home);
    expect(first, name).toMatchObject({ code: "CONFIG_INVALID", reason: "HOME_DAMAGED" });
    const proposed = await repairCommand(new Home(home), false);
    expect(await opened(home), `${name}: a proposal changes nothing`).toBeInstanceOf(StartError);
    expect(await repairCommand(new Home(home), true), name).toEqual(proposed);
    const second = await opened(home);
    expect(dataIn(home), name).toEqual(before);
    if (second instanceof StartError) {
      expect(proposed.left.map(({ path }) => path).join(), name).toContain(home);
      return "refused, for a person";
    }
    const wrong = await wrongWith(second);
    await second.stop();
    expect(wrong, name).toEqual([]);
    expect(await repairCommand(new Home(home), false), name).toEqual({ repairs: [], left: [] });
    return "refused, and repaired";
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const record = (end: string) => {
  const found = files.find((file) => file.startsWith("catalog/") && file.endsWith(end));
  if (!found) throw new Error(`no ${end} in ${files.join()}`);
  return found;
};
const ofBase = () => {
  const found = files.find((file) => /^data\/history\/.*\.json$/.test(file));
  if (!found) throw new Error(`no base in ${files.join()}`);
  return found;
};
const main = () => record(`${project.main.id}.json`);

test.each<[string, (home: string) => void]>([
  ["the project's record is gone", (home) => rmSync(join(home, record("project.json")))],
  ["the whole catalog is gone", (home) => rmSync(join(home, "catalog"), { recursive: true })],
  ["main's record is {}", (home) => damages["made {}"]?.(join(home, main()), "")],
  [
    "two records are exchanged",
    (home) => damages.swapped?.(join(home, main()), join(home, record(`${child.id}.json`))),
  ],
  ["the engine's own password is gone", (home) => rmSync(join(home, "admin-password"))],
  ["a base's record is empty", (home) => damages.emptied?.(join(home, ofBase()), "")],
  ["a base's record is null", (home) => damages["made null"]?.(join(home, ofBase()), "")],
  [
    "both copies of the engine's own password are gone",
    (home) => {
      rmSync(join(home, "admin-password"));
      rmSync(join(home, "data/admin-password"));
    },
  ],
  ["the settings are null", (home) => damages["made null"]?.(join(home, "settings.json"), "")],
])("%s: refused, and repaired", async (name, damage) => {
  expect(await damaged(name, damage)).toBe("refused, and repaired");
});

test.each<[string, (home: string) => string]>([
  ["the catalog", (home) => join(home, "catalog")],
  ["a project's folder of it", (home) => dirname(join(home, main()))],
])("%s is a file: refused with its path, and repaired", async (_, pathIn) => {
  const home = join(folder, "copy");
  copyHome(whole, home);
  try {
    const path = pathIn(home);
    rmSync(path, { recursive: true });
    writeFileSync(path, "");
    const before = dataIn(home);
    const refused = await opened(home);
    expect(refused).toMatchObject({ code: "CONFIG_INVALID", reason: "HOME_DAMAGED" });
    expect((refused as StartError).message).toContain(path);
    const rounds = [];
    while ((await repairCommand(new Home(home), false)).repairs.length > 0 && rounds.length < 3) {
      rounds.push(await repairCommand(new Home(home), true));
    }
    expect(rounds.flatMap(({ left }) => left)).toEqual([]);
    const engine = (await opened(home)) as TestEngine;
    expect(await wrongWith(engine)).toEqual([]);
    await engine.stop();
    expect(dataIn(home)).toEqual(expect.arrayContaining(before));
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

test("data that no record and no identity tells of is set aside, and stays", async () => {
  const home = join(folder, "strays");
  copyHome(whole, home);
  try {
    const branch = JSON.parse(readFileSync(join(home, main()), "utf8")).branch as {
      dataDir: string;
    };
    copyHome(join(home, "data/pgdata", branch.dataDir), join(home, "data/pgdata/stray"));
    const engine = await openTestEngine({ home });
    expect(engine.setAside).toBe(1);
    expect(dataIn(home)).toContain("stray");
    expect(await wrongWith(engine)).toEqual([]);
    const status = async () =>
      (await (
        await fetch(new URL("/engine/status", engine.url), {
          headers: { authorization: `Bearer ${engine.apiKey}` },
        })
      ).json()) as { quarantine: { name: string; path: string }[] };
    const path = join(home, "data/quarantine/stray");
    expect((await status()).quarantine).toMatchObject([{ name: "stray", path }]);
    const remove = (name: string) =>
      fetch(new URL("/engine/quarantine/remove", engine.url), {
        method: "POST",
        headers: { authorization: `Bearer ${engine.apiKey}` },
        body: JSON.stringify({ name }),
      }).then((answer) => answer.json());
    expect(await remove("other")).toEqual({ removed: false });
    expect(await remove("stray")).toEqual({ removed: true });
    expect((await status()).quarantine).toEqual([]);
    await engine.stop();
    expect(dataIn(home)).not.toContain("stray");
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

testWith(longRun, "every file, damaged in every way", { timeout: limits.longTest }, async () => {
  const count: Partial<Record<Outcome, number>> = {};
  const faults: string[] = [];
  const log: string[] = [];
  const wanted = files.filter((file) => file.includes(process.env.TEST_DAMAGED ?? ""));
  for (const file of wanted) {
    for (const [how, damage] of Object.entries(damages)) {
      const other = otherOf(file, files);
      if (how === "swapped" && !other) continue;
      const name = `${file} ${how}`;
      await damaged(name, (home) => damage(join(home, file), join(home, other ?? ""))).then(
        (outcome) => {
          count[outcome] = (count[outcome] ?? 0) + 1;
          log.push(`${outcome}: ${name}`);
        },
        (error: Error) => faults.push(`${name}: ${error.message}`),
      );
    }
  }
  console.log(log.join("\n"), count);
  expect(faults).toEqual([]);
});

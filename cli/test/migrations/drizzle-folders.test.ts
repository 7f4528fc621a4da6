import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { limits } from "../../../scripts/test-support/limits.ts";
import { TemporaryFolder } from "../../../scripts/test-support/temporary-folder.ts";
import {
  type Appliers,
  type Comparison,
  compareBothWays,
  compareOneByOne,
  inProcess,
  type Verdict,
} from "../helpers/drizzle/both-ways.ts";
import { byCommand } from "../helpers/drizzle/by-command.ts";
import { writeDrizzleFolder } from "../helpers/drizzle/drizzle-folder.ts";
import { type RandomFolder, RandomFolders } from "../helpers/drizzle/random-folder.ts";
import { oneServer, type Servers, twoBranches, withDatabases } from "../helpers/drizzle/servers.ts";

// Folders in the shapes that people and merges give them, applied by Drizzle and by ds: the same database comes out, or
// a refusal that changed nothing. Some of them by the commands themselves. `npm run folders` tries 500, on two branches
// of the engine; TEST_FOLDERS is how many, TEST_FOLDERS_SEED the first one's seed.

const isLong = process.env.TEST_FOLDERS !== undefined;
const count = Number(process.env.TEST_FOLDERS ?? 12);
const firstSeed = Number(process.env.TEST_FOLDERS_SEED ?? 1);
const mostMigrations = 6;
const lanes = 3;
/** Of so many folders one is applied by the commands. */
const byCommandEach = isLong ? 20 : 6;

let servers: Servers;
beforeAll(async () => {
  servers = isLong ? await twoBranches() : await oneServer();
});
afterAll(() => servers?.stop());

test(`${count} folders from seed ${firstSeed} on`, { timeout: limits.longTest }, async () => {
  const verdicts = new Map<Verdict, number>();
  const shapes = new Map<string, number>();
  const different: string[] = [];
  const seeds = Array.from({ length: count }, (_, index) => firstSeed + index);
  const lane = async () => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      for (const { verdict, details, names } of await tryFolder(seed)) {
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
        for (const name of names) shapes.set(name, (shapes.get(name) ?? 0) + 1);
        if (verdict === "different")
          different.push(`seed ${seed} (${names.join(", ")}):\n${details}`);
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  if (isLong) {
    console.log(Object.fromEntries(verdicts), Object.fromEntries([...shapes].sort()));
  }
  expect(different.join("\n\n")).toBe("");
  expect(verdicts.get("equal") ?? 0).toBeGreaterThan(count / 2);
});

interface Found extends Comparison {
  names: string[];
}

/** What came of a folder that Drizzle cannot apply at once, but migration by migration. */
async function oneByOne(
  seed: number,
  ds: string,
  { entries, format, path }: Pick<RandomFolder, "entries" | "format"> & { path: string },
): Promise<Comparison | undefined> {
  function* growing() {
    for (const count of entries.keys()) {
      writeDrizzleFolder(path, format, entries.slice(0, count + 1));
      yield path;
    }
  }
  return withDatabases(servers, `g${seed}`, isLong, ({ drizzle }) =>
    compareOneByOne(inProcess(format), { drizzle, ds }, growing()),
  );
}

/** A folder, the same with more migrations, and each way's database with the other way. */
async function tryFolder(seed: number) {
  const folders = new RandomFolders(seed);
  const temporary = new TemporaryFolder("ds-test-folders-");
  const project = temporary.make();
  const path = join(project, "drizzle");
  const found: Found[] = [];
  const isSample = (seed - firstSeed) % byCommandEach === 0;
  let apply: Appliers | undefined;
  try {
    await withDatabases(servers, `f${seed}`, isLong, async (databases) => {
      for (let round = 0; round < 2; round += 1) {
        const { beyond, entries, format, shapes } = folders.grow(mostMigrations);
        writeDrizzleFolder(path, format, entries);
        apply ??= isSample ? byCommand(format, project, join(project, "home")) : inProcess(format);
        const { verdict, details } = await compareBothWays(apply, databases, path);
        const expected = verdict !== "ds alone" || beyond.length > 0;
        found.push({ verdict: expected ? verdict : "different", details, names: shapes });
        if (verdict === "ds alone" && round === 0) {
          const last = found.at(-1) as Found;
          Object.assign(last, await oneByOne(seed, databases.ds, { format, entries, path }));
        }
        if (verdict !== "equal") return;
        folders.touch();
        writeDrizzleFolder(path, format, entries);
        const swapped = { drizzle: databases.ds, ds: databases.drizzle };
        const again = await compareBothWays(apply, swapped, path);
        if (again.verdict !== "equal") {
          found.push({ ...again, verdict: "different", names: ["the other way's database"] });
          return;
        }
      }
    });
  } finally {
    await temporary.remove();
  }
  return found;
}

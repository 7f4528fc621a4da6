import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type FileSystem, PowerCutVolume, powerCuts } from "../../../e2e/support/power-cut.ts";
import { limits } from "../../../scripts/test-support/limits.ts";
import { describeWith, longRun } from "../../../scripts/test-support/needs.ts";
import { sql, type TestBranch, TestProject } from "../support/branches.ts";
import { makeFolder } from "../support/folder.ts";
import { openTestEngine } from "../support/test-engine.ts";

/** What was acknowledged is there, whole, although the power fails in that moment. DS_LONG=1 cuts it five times as often. */
const rounds = longRun.find() ? 5 : 1;
const fileSystems: FileSystem[] = ["xfs", "btrfs", "ext4"];
const rows = 20_000;

for (const fileSystem of fileSystems) {
  describeWith(powerCuts(fileSystem), `power cuts on ${fileSystem}`, () => {
    let folder: string;
    let volume: PowerCutVolume;
    const kept = new Map<string, { project: TestProject; branch: TestBranch; begun: string }>();

    beforeAll(async () => {
      folder = makeFolder();
      volume = new PowerCutVolume(folder, fileSystem, 6 * 2 ** 30);
    });
    afterAll(() => {
      volume?.end();
      rmSync(folder, { recursive: true });
    });

    const countOf = async ({ uri }: TestBranch) =>
      (await sql<{ n: number }>(uri, "select count(*)::int as n from filler"))[0]?.n;

    async function doAll(home: string, round: number): Promise<void> {
      const engine = await openTestEngine({ home });
      const cut = (step: string, project: TestProject, branch: TestBranch, begun = "") => {
        volume.cut(`${round}-${step}`);
        kept.set(`${round}-${step}`, { project, branch, begun });
      };
      const project = await TestProject.create(engine);
      cut("template", project, project.main);
      const { main } = project;
      await sql(
        main.uri,
        `create table filler as select n, repeat('x', 500) from generate_series(1, ${rows}) n`,
      );
      const branch = await project.branch("made");
      cut("create", project, branch);
      const other = await project.branch("other");
      await sql(other.uri, "truncate filler");
      await project.restore(other, main);
      cut("restore", project, other);
      await project.call(200, "POST", `/branches/${main.id}/snapshot?name=kept`);
      cut("snapshot", project, main);
      // The base of a restored branch is taken behind the answer.
      const history = join(home, "data", "history");
      const { dataDir } = engineRecord(home, other);
      await expect
        .poll(() => existsSync(join(history, dataDir)) && readdirSync(join(history, dataDir)))
        .toContainEqual(expect.stringMatching(/\.json$/));
      await sql(other.uri, "create table later (n int)");
      const begun = new Date().toISOString();
      await sql(other.uri, "drop table filler");
      cut("base", project, other, begun);
      await engine.stop();
    }

    async function check(home: string, name: string): Promise<void> {
      const { project, branch, begun } = kept.get(name) ?? expect.fail(name);
      volume.afterCut(name);
      const engine = await openTestEngine({ home });
      try {
        const here = new TestProject(engine, project.id, project.main);
        if (name.endsWith("template")) {
          expect(await sql(branch.uri, "select 1 as one")).toEqual([{ one: 1 }]);
          const next = await TestProject.create(engine, { name: "next" });
          expect(await sql(next.main.uri, "select 1 as one")).toEqual([{ one: 1 }]);
        } else if (name.endsWith("snapshot")) {
          const { snapshots } = await here.call<{ snapshots: { id: string }[] }>(
            200,
            "GET",
            "/snapshots",
          );
          const restored = await here.call<{ branch: { id: string; name: string } }>(
            200,
            "POST",
            `/snapshots/${snapshots[0]?.id}/restore`,
            { name: "from-snapshot", finalize_restore: false },
          );
          const made = { ...branch, ...restored.branch };
          expect(await countOf({ ...made, uri: await here.uriOf(made) })).toBe(rows);
        } else if (name.endsWith("base")) {
          const past = await here.branch("past", branch, { branch: { parent_timestamp: begun } });
          expect(await countOf(past)).toBe(rows);
        } else expect(await countOf(branch)).toBe(rows);
      } finally {
        await engine.stop();
      }
    }

    test(`create, restore, snapshot, base and template, ${rounds} times each`, {
      timeout: limits.longTest,
    }, async () => {
      const lost: string[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        await doAll(join(volume.path, `home-${round}`), round);
      }
      for (const name of kept.keys()) {
        const home = join(volume.path, `home-${name.split("-")[0]}`);
        await check(home, name).catch((error: Error) => lost.push(`${name}: ${error.message}`));
      }
      console.log(`${fileSystem}: ${kept.size - lost.length} of ${kept.size} power cuts held`);
      expect(lost).toEqual([]);
    });
  });
}

function engineRecord(home: string, branch: TestBranch): { dataDir: string } {
  const catalog = join(home, "catalog");
  const [project = ""] = readdirSync(catalog).filter((name) => name !== "dropped");
  const path = join(catalog, project, `${branch.id}.json`);
  return (JSON.parse(readFileSync(path, "utf8")) as { branch: { dataDir: string } }).branch;
}

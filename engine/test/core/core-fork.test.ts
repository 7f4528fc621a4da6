import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mountXfs, type Volume, xfs } from "../../../e2e/support/volume.ts";
import { limits } from "../../../scripts/test-support/limits.ts";
import { anywhere, describeWith, longRun } from "../../../scripts/test-support/needs.ts";
import { sql, TestProject, uriWith } from "../support/branches.ts";
import { makeFolder } from "../support/folder.ts";
import { contradictions, corruption, Load, type Mark, makeLedger } from "../support/ledger.ts";
import { openTestEngine, type TestEngine } from "../support/test-engine.ts";

/** How many forks are made of a parent at work; DS_LONG=1 makes many. */
const forks = longRun.find() ? 60 : 5;

const ways = [
  { method: "copy" as const, need: anywhere },
  // A volume of its own, which only root can make.
  { method: "reflink" as const, need: xfs },
];

for (const { method, need } of ways) {
  describeWith(need, `forks by ${method} of a parent at work`, { timeout: limits.longTest }, () => {
    let folder: string;
    let volume: Volume | undefined;
    let engine: TestEngine;
    let project: TestProject;

    beforeAll(async () => {
      folder = makeFolder();
      if (method === "reflink") volume = mountXfs(join(folder, "xfs"), 4 * 1024 ** 3);
      engine = await openTestEngine({
        home: join(volume?.path ?? folder, "home"),
        cloneMethod: method,
      });
      project = await TestProject.create(engine);
      await makeLedger(project.main.uri);
    });

    afterAll(async () => {
      await engine?.close();
      volume?.unmount();
      rmSync(folder, { recursive: true });
    });

    const asAdmin = (uri: string) => {
      const password = readFileSync(join(engine.home, "admin-password"), "utf8").trim();
      return uriWith(uri, { user: "cloud_admin", password });
    };

    test(`${forks} of them are sound, complete and not ahead; the parent's clients notice nothing`, async () => {
      const load = new Load(project.main.uri);
      const mark = (): Mark => ({ acknowledged: load.acknowledged.length, begun: load.begun });
      const times: number[] = [];
      try {
        for (let n = 0; n < forks; n += 1) {
          const asked = mark();
          const from = Date.now();
          const fork = await project.branch(`fork-${n}`);
          times.push(Date.now() - from);
          const answered = mark();
          expect(await contradictions(fork.uri, load, asked, answered)).toEqual([]);
          expect(await corruption(asAdmin(fork.uri))).toEqual([]);
          // It takes writes, and its own forks are sound as well.
          await sql(fork.uri, "insert into ledger values (-1, now(), '')");
          await project.suspend(fork);
          const second = await project.branch(`second-${n}`, fork);
          expect(await sql(second.uri, "select n from ledger where n < 0")).toEqual([{ n: -1 }]);
          await project.delete(second);
          await project.delete(fork);
          expect(load.errors).toEqual([]);
        }
      } finally {
        await load.end();
      }
      expect(load.errors).toEqual([]);
      expect(load.acknowledged.length).toBeGreaterThan(forks * 10);
      expect(await corruption(asAdmin(project.main.uri))).toEqual([]);
      const sorted = times.toSorted((a, b) => a - b);
      console.log(
        `${method}: ${forks} forks, median ${sorted[Math.floor(forks / 2)]} ms; ${load.acknowledged.length} commits, longest turn ${load.longestPauseMs} ms`,
      );
    });
  });
}

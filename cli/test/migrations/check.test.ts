import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ended } from "../../../scripts/test-support/program.ts";
import { DsProject } from "../helpers/ds-project.ts";

// ds db check: what a git branch's migrations are beside main's, by the files alone and on main's rows.

const project = new DsProject(`{ project: "shop", migrations: { smallTable: { rows: 0 } } }`);
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=Pat", "-c", "user.email=pat@example.com", ...args], {
    cwd: project.path,
    encoding: "utf8",
  });

beforeAll(async () => {
  project.migrations.add(
    "0000_base",
    "create table items (id int primary key, name text); insert into items values (1, 'a'), (2, null);",
  );
  git("init", "-q", "-b", "main");
  git("add", "drizzle", "ds.config.ts");
  git("commit", "-q", "-m", "base");
  git("checkout", "-q", "-b", "feature");
  const setup = await project.run(["setup", "--developer", "pat"]);
  expect(setup.status, setup.stderr).toBe(0);
});
afterAll(() => project.remove());

const check = (...args: string[]) => project.run(["db", "check", ...args, "--json"]);
const document = ({ stdout }: Ended) => JSON.parse(stdout);
const rules = (ended: Ended) =>
  document(ended).findings.map(
    ({ rule, severity }: { rule: string; severity: string }) => `${severity} ${rule}`,
  );

/** With migrations that the checkout has for the time of a test. */
async function having(migrations: Record<string, string>, work: () => Promise<void>) {
  for (const [tag, sql] of Object.entries(migrations)) project.migrations.add(tag, sql);
  try {
    await work();
  } finally {
    for (const tag of Object.keys(migrations)) project.migrations.takeOut(tag);
  }
}

test("nothing is new: 0", async () => {
  for (const args of [[], ["--offline"]]) {
    const ended = await check(...args);
    expect(ended.status, ended.stderr).toBe(0);
    expect(document(ended)).toMatchObject({ status: "ok", base: "main", new: [], findings: [] });
  }
});

describe("what is new", () => {
  const danger = {
    "0001_danger": "create table tags (id int);\nalter table items alter name set not null;",
  };

  test("on main's rows: the null that is there is proven, 9", () =>
    having(danger, async () => {
      const ended = await check();
      expect(ended.status).toBe(9);
      expect(document(ended)).toMatchObject({
        base: "main",
        new: ["0001_danger"],
        branch: "branch main",
      });
      expect(document(ended).error.code).toBe("FINDINGS");
      expect(rules(ended)).toEqual(["error nulls", "warning not-null-blocks"]);
      const [{ evidence, line }] = document(ended).findings;
      expect({ evidence, line }).toEqual({
        evidence: ["branch main: 1 row has null in name (id=2)"],
        line: 2,
      });
    }));

  test("by the files alone: what blocks, and how much was not looked at", () =>
    having(danger, async () => {
      const ended = await check("--offline");
      expect(ended.status).toBe(9);
      expect(document(ended)).toMatchObject({ branch: null, unsettled: 1 });
      expect(rules(ended)).toEqual(["warning not-null-blocks"]);
    }));

  test("silenced with a reason: 0, and told", () =>
    having(
      {
        "0001_old":
          "-- ds:ignore rename-column nothing runs yet\nalter table items rename name to title;",
      },
      async () => {
        const ended = await check("--offline");
        expect(ended.status, ended.stderr).toBe(0);
        expect(document(ended).findings[0]).toMatchObject({
          rule: "rename-column",
          ignored: "nothing runs yet",
        });
      },
    ));

  test("as annotations and as SARIF", () =>
    having({ "0001_drop": "drop table items;" }, async () => {
      const github = await project.run(["db", "check", "--offline", "--format", "github"]);
      expect(github.status).toBe(9);
      expect(github.stdout).toMatch(
        /^::warning file=drizzle\/0001_drop\.sql,line=1,title=drop-table::/,
      );
      const sarif = await project.run(["db", "check", "--offline", "--format", "sarif"]);
      const { runs, version } = JSON.parse(sarif.stdout);
      expect(version).toBe("2.1.0");
      expect(runs[0].results[0]).toMatchObject({ ruleId: "drop-table", level: "warning" });
    }));
});

describe("the folder", () => {
  test("an edited migration", async () => {
    project.migrations.edit("0000_base.sql", "create table items (id int primary key);");
    try {
      expect(rules(await check("--offline"))).toEqual(["error edited-migration"]);
    } finally {
      git("checkout", "-q", "--", "drizzle");
    }
  });

  test("both orders with a ref that has something else", async () => {
    git("checkout", "-q", "-b", "sibling", "main");
    project.migrations.add("0001_sibling", "alter table items add column n text;");
    git("add", "drizzle");
    git("commit", "-q", "-m", "sibling");
    project.migrations.takeOut("0001_sibling");
    git("checkout", "-q", "-f", "feature");
    await having({ "0001_mine": "alter table items add column n int;" }, async () => {
      const ended = await check("sibling");
      expect(ended.status).toBe(9);
      expect(document(ended).conflicts).toMatchObject([{ ref: "sibling", status: "conflict" }]);
    });
  });
});

test("a plan looks at the rows of one more stage with --against", () =>
  having({ "0001_null": "alter table items alter name set not null;" }, async () => {
    const plan = await project.run(["db", "migrate", "--plan", "--against", "main", "--json"]);
    expect(plan.status, plan.stderr).toBe(0);
    expect(document(plan).findings[0]).toMatchObject({
      rule: "nulls",
      evidence: [
        "branch dev-pat-local: 1 row has null in name (id=2)",
        "branch main: 1 row has null in name (id=2)",
      ],
    });
    const alone = await project.run(["db", "migrate", "--against", "main"]);
    expect(alone.status).toBe(2);
  }));

test.each([
  [["--format", "xml"], 2],
  [["--offline", "main"], 2],
  [["--base", "no-such-ref"], 4],
])("%j is refused: %i", async (args, status) => {
  const ended = await check(...args);
  expect(ended.status).toBe(status);
});

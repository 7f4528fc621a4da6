import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { longestBody } from "../../src/deploy/comment/body.ts";
import { PullRequests } from "./pull-requests/pull-requests.ts";
import { outsideOfCode, rendered } from "./pull-requests/rendered.ts";

// The life of a pull request as runs of GitHub Actions see it: its one comment, with migrations run on copies of a real main.

const pulls = new PullRequests();
const { hub, project } = pulls;

/** All that was ever sent, or written into a summary. */
const told: string[] = [];

beforeAll(() =>
  pulls.start({
    "0000_base":
      "create table items (id int primary key, n int); insert into items select i, i from generate_series(1, 40) i;",
  }),
);
afterAll(() => pulls.stop());
afterEach(() => {
  told.push(...[...hub.comments.values()].flat().map(({ body }) => body));
});

const own =
  "alter table items add column priority int;\nupdate items set n = n + 1 where id <= 30;";
const odd = '"@acme/security [x](https://evil.example) <img src=x>"';

/** The comment of a run, without what differs from run to run. */
async function comment(number: number, options: Parameters<typeof pulls.job>[2] = {}) {
  const run = await pulls.job(number, ["deploy", "comment"], options);
  expect(run.status, run.stderr).toBe(0);
  return run;
}

const plain = (body: string) => body.replace(/\| \d+ ms \|/g, "| N ms |");

describe("open, push, conflicting sibling, fix, merge, reopen", () => {
  let id: number;

  test("open: a comment is made", async () => {
    const { head } = pulls.push(7, "feature/priority", { "0001_priority": own });
    const { document, outputs } = await comment(7, { env: {} });
    expect(document).toMatchObject({
      pullRequest: 7,
      repository: "acme/shop",
      action: "created",
      reason: null,
      migrations: {
        state: "known",
        on: "main",
        pending: ["0001_priority"],
        rehearsal: "succeeded",
      },
    });
    const [body = ""] = hub.bodies(7);
    id = hub.comments.get(7)?.[0]?.id ?? 0;
    expect(outputs).toContain("comment-action=created\n");
    expect(plain(body)).toBe(
      [
        "<!-- ds:deploy-comment shop -->",
        "### Database of `shop`",
        "",
        "Stage `ci-pr-7` is not up.",
        "",
        "✅ **1 pending migration** on `main`.",
        "",
        "| Migration | File | |",
        "|---|---|---|",
        "| `0001_priority` | `drizzle/0001_priority.sql` |  |",
        "",
        "#### Findings",
        "",
        "- ℹ️ **note** `backfill-with-change` at `drizzle/0001_priority.sql:2`: updates rows of items while it is locked (altered in line 1): reads and writes wait until it is done",
        "  - about 40 rows, 0.1 MB",
        "  - Instead: put it into a migration of its own, in batches where the table is large",
        "",
        "#### Rehearsal",
        "",
        "| Where | Statement | Took | Locks | Rows |",
        "|---|---|---|---|---|",
        "| `0001_priority:1` | `alter table items add column priority int` | N ms | `ACCESS EXCLUSIVE items` | - |",
        "| `0001_priority:2` | `update items set n = n + 1 where id <= 30` | N ms | `1 held before` | `scanned items (40 rows)` |",
        "",
        "| Rows of | Added | Removed | Changed |",
        "|---|--:|--:|--:|",
        "| `items` | 0 | 0 | 30 |",
        "",
        "#### Schema",
        "",
        "```diff",
        "+ column  items.priority  integer",
        "```",
        "",
        "#### Other open pull requests",
        "",
        "None has migrations of its own.",
        "",
        `<sub>\`ds deploy comment\` of \`${head.sha.slice(0, 7)}\`, tried on copies of \`main\`.</sub>`,
      ].join("\n"),
    );
  });

  test("push: the same comment, with what is new, and nothing that a name could plant", async () => {
    pulls.push(7, "feature/priority", {
      "0001_priority": own,
      "0002_odd": `create table ${odd} (id int);`,
    });
    const { document } = await comment(7);
    expect(document).toMatchObject({ action: "updated", comment: { id } });
    const [body = ""] = hub.bodies(7);
    expect(body).toContain("**2 pending migrations**");
    expect(body).toContain("@acme/security");
    expect(outsideOfCode(rendered(body))).not.toMatch(/@acme|evil|<img|<a /);
    expect(hub.bodies(7)).toHaveLength(1);
  });

  test("a sibling that conflicts, and one of a fork, whose SQL is not run", async () => {
    pulls.push(8, "other@acme/priority", {
      "0001_other": "alter table items add column priority text;",
    });
    pulls.push(9, "main", { "0001_fork": "create table fork (id int);" }, { fork: "mallory/shop" });
    pulls.push(10, "docs", {});
    await comment(7);
    const [body = ""] = hub.bodies(7);
    expect(body).toContain(", in conflict with 1 other pull request.");
    expect(body).toMatch(
      /- ❌ #8 \(`other@acme\/priority`\): `0001_priority` here and `0001_other` there: .*42701/,
    );
    expect(body).toContain("- Not compared: #9 (the SQL of a fork is not run on copies of main)");
    expect(body).not.toContain("#10");
  });

  test("the sibling is mended", async () => {
    pulls.push(8, "other@acme/priority", {
      "0001_other": "alter table items add column rank text;",
    });
    await comment(7);
    const [body = ""] = hub.bodies(7);
    expect(body).toContain("✅ **2 pending migrations**");
    expect(body).toMatch(/- ✅ #8 .*: 1 migration there, in either order the same/);
  });

  test("a migration that fails is told without the rows' values", async () => {
    pulls.push(7, "feature/priority", {
      "0001_priority":
        "alter table items add column word text;\nupdate items set word = 'hush-hush';\nalter table items alter column word type int using word::int;",
    });
    await comment(7);
    const [body = ""] = hub.bodies(7);
    expect(body).toContain("❌ **1 pending migration** on `main`, the rehearsal failed");
    expect(body).toMatch(/It failed: `drizzle\/0001_priority.sql:3:1`.*22P02/);
    expect(body).not.toContain('integer: "hush-hush"');
  });

  test("merged: the comment goes, as the stage does", async () => {
    const pull = hub.pulls.get(7);
    if (pull) pull.state = "closed";
    expect((await comment(7)).document).toMatchObject({ action: "removed", migrations: null });
    expect(hub.bodies(7)).toEqual([]);
    expect((await comment(7)).document).toMatchObject({ action: "absent" });
  });

  test("reopened: a comment again; closed without a merge: gone again", async () => {
    const pull = pulls.push(7, "feature/priority", { "0001_priority": own });
    pull.state = "open";
    expect((await comment(7)).document).toMatchObject({ action: "created" });
    const removed = await pulls.job(7, ["deploy", "comment", "--remove"]);
    expect(removed.document).toMatchObject({ action: "removed" });
  });
});

test("a pull request without migrations: a line", async () => {
  pulls.push(10, "docs", {});
  await comment(10);
  const [body = ""] = hub.bodies(10);
  expect(body).toContain("✅ No migrations are pending on `main`.");
  expect(body.split("\n").length).toBeLessThan(12);
});

describe("a fork's pull request", () => {
  test("with a token that may not write, what there is to say is in the job's summary", async () => {
    pulls.push(9, "main", { "0001_fork": "create table fork (id int);" }, { fork: "mallory/shop" });
    const { document, summary } = await comment(9, { token: "read" });
    expect(document).toMatchObject({
      action: "summary",
      reason: "GITHUB_FORBIDDEN",
      comment: null,
    });
    expect(summary).toContain("**1 pending migration** on `main`");
    expect(hub.bodies(9)).toEqual([]);
    told.push(summary);
  });

  test("without a token, too; and without a database the new migrations are named", async () => {
    const run = await comment(9, {
      token: "none",
      env: { DS_LOCAL: "" },
      home: join(project.folder, "empty-home"),
    });
    expect(run.document).toMatchObject({
      action: "summary",
      reason: "GITHUB_TOKEN_MISSING",
      migrations: { state: "no-database", on: null },
    });
    expect(run.summary).toContain("**1 migration** in this pull request. Nothing was tried");
    expect(run.summary).toContain("- `0001_fork` (`drizzle/0001_fork.sql`)");
    told.push(run.summary);
  });

  test("a wrong token is a failure, and not a fork's", async () => {
    const run = await pulls.job(9, ["deploy", "comment"], {
      env: { GITHUB_TOKEN: "wrong-token-1" },
    });
    expect(run).toMatchObject({
      status: 3,
      document: { error: { reason: "GITHUB_TOKEN_REFUSED" } },
    });
  });
});

describe("no secret leaves", () => {
  test("what would hold one is not sent, and not shown", async () => {
    for (const pull of hub.pulls.values()) pull.state = "closed";
    const { password, host } = new URL(project.url);
    for (const [secret, what] of [
      [password, "password"],
      [host, "host"],
    ] as const) {
      pulls.push(11, "leak", {
        "0001_leak": `comment on table items is 'reachable with ${secret}';`,
      });
      const run = await pulls.job(11, ["deploy", "comment"]);
      expect(run, run.stderr).toMatchObject({
        status: 6,
        document: { error: { code: "REFUSED", reason: "SECRET_IN_COMMENT" } },
      });
      expect(JSON.stringify(run.document), what).not.toContain(secret);
      expect(hub.bodies(11)).toEqual([]);
      expect(run.summary).toBe("");
    }
  });

  test("all that was told in this life has no password, key or host of a connection string in it", () => {
    const { password, host, hostname, port } = new URL(project.url);
    const key = readFileSync(join(project.home, "api-key"), "utf8").trim();
    expect(told.length).toBeGreaterThan(8);
    for (const body of told) {
      for (const secret of [password, host, `:${port}`, key, "t0ken-that-may"]) {
        expect(body).not.toContain(secret);
      }
      expect(body).not.toMatch(/postgres(?:ql)?:\/\//);
      expect(body).not.toContain(`@${hostname}`);
      expect(body.length).toBeLessThanOrEqual(longestBody);
    }
  });
});

test("nothing is left: no ref in the checkout, no branch but those that were there", async () => {
  expect(pulls.git("for-each-ref", "refs/ds")).toBe("");
  const { document } = await pulls.job(10, ["db", "branches"]);
  const branches = document.branches as { name: string }[];
  expect(branches.map(({ name }) => name).sort()).toEqual(["dev-pat-local", "main"]);
});

test("outside of Actions: --dry-run shows it, and without a token nothing else is done", async () => {
  const env = { GITHUB_ACTIONS: "", GITHUB_TOKEN: "" };
  const refused = await pulls.job(10, ["deploy", "comment", "--pr", "10"], { env });
  expect(refused).toMatchObject({
    status: 3,
    document: { error: { reason: "GITHUB_TOKEN_MISSING" } },
  });
  const shown = await pulls.job(10, ["deploy", "comment", "--pr", "10", "--dry-run"], { env });
  expect(shown.document).toMatchObject({
    action: "printed",
    body: expect.stringContaining("### Database of `shop`"),
  });
});

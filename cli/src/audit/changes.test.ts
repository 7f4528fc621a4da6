import { describe, expect, test } from "vitest";
import type { Branch } from "../neon/model.ts";
import { since } from "./changes.ts";
import { rowsOf } from "./rows.ts";
import type { AuditedBranch, PullRequestState, Sources } from "./sources.ts";
import { isCertain, type Judged, judgeAll } from "./verdict.ts";

const now = Date.parse("2026-11-20T12:00:00Z");
const month = new Date(now - 30 * 86_400_000).toISOString();
const backend = "file:///state";

interface World {
  git?: string[];
  /** Of #7, which is its own. */
  pullRequest?: PullRequestState;
}

/** A branch without stack and git branch; `world` says what else there is. */
function judged({ git = [], pullRequest }: World): Judged[] {
  const audited = {
    branch: {
      id: "br-x",
      projectId: "p",
      name: "dev-phil-x",
      parentId: "br-main",
      createdAt: month,
      protected: false,
      default: false,
      annotation: {},
    } as Branch,
    stamp: {
      stage: "phil-x",
      owner: "phil",
      gitBranch: "x",
      pullRequest: 7,
      stack: "organization/shop/phil-x",
      stackBackend: backend,
      secret: undefined,
    },
    endpoints: 1,
    running: false,
    lastActive: month,
  } satisfies AuditedBranch;
  const sources: Sources = {
    branches: { state: "known", value: [audited] },
    stacks: { state: "known", value: { backend, stacks: [] } },
    secrets: { state: "known", value: [] },
    git: { state: "known", value: { names: new Set(git) } },
    pullRequests: pullRequest
      ? { state: "known", value: new Map([[7, pullRequest]]) }
      : { state: "none" },
  };
  const around = {
    shared: { branches: [], stages: [] },
    runIsOver: () => false,
    worktreeIsGone: () => false,
    now,
  };
  const policy = { graceMs: 86_400_000, inactiveMs: 60 * 86_400_000 };
  return judgeAll(rowsOf(sources, around), policy, now);
}

const only = (world: World): Judged => {
  const [row] = judged(world);
  if (!row) throw new Error("no row");
  return row;
};

describe("between the listing and the deletion", () => {
  test("nothing happened: it goes", () => {
    expect(since(only({}), judged({}), now)).toMatchObject({ is: "same" });
  });

  test("what was certain must still be: a pull request that only now is known, and open, keeps it", () => {
    expect(isCertain(only({}))).toBe(true);
    expect(since(only({}), judged({ pullRequest: "open" }), now)).toMatchObject({
      is: "changed",
      changes: [{ kind: "less-certain" }],
    });
  });

  test("what a person saw as doubtful goes as it was seen", () => {
    const doubtful = { pullRequest: "open" } as const;
    expect(since(only(doubtful), judged(doubtful), now)).toMatchObject({ is: "same" });
  });

  test("its git branch is there again", () => {
    expect(since(only({}), judged({ git: ["x"] }), now)).toMatchObject({
      is: "changed",
      changes: [{ kind: "git-branch-there" }],
    });
  });
});

describe("each kind of change is seen, and alone", () => {
  const base = only({});
  const changed = (row: Partial<Judged["row"]>): Judged => ({
    ...base,
    row: { ...base.row, ...row },
  });
  const audited = base.row.audited as AuditedBranch;
  const stack: Judged["row"]["stack"] = {
    is: "there",
    value: {
      name: "phil-x",
      fullName: "organization/shop/phil-x",
      resourceCount: 3,
      lastUpdate: month,
      busy: false,
      url: undefined,
    },
  };

  test.each<[kind: string, row: Partial<Judged["row"]>]>([
    ["renamed", { name: "precious" }],
    [
      "data-replaced",
      { audited: { ...audited, branch: { ...audited.branch, lastResetAt: month } } },
    ],
    ["running", { audited: { ...audited, running: true } }],
    ["used", { audited: { ...audited, lastActive: new Date(now).toISOString() } }],
    ["forked", { children: ["fork"] }],
    ["more-leftovers", { leftovers: [{ id: "br-l", name: "left" }] }],
    ["stack-appeared", { stack }],
    ["protected", { audited: { ...audited, branch: { ...audited.branch, protected: true } } }],
  ])("%s", (kind, row) => {
    expect(since(base, [changed(row)], now)).toMatchObject({ is: "changed", changes: [{ kind }] });
  });

  test("a branch for what had none, and none for what had one", () => {
    const remains = { ...base.row, id: "stage:phil-x", audited: undefined };
    expect(since({ ...base, row: remains }, [base], now)).toMatchObject({
      changes: [{ kind: "branch-appeared" }],
    });
    expect(since(base, [], now)).toEqual({ is: "gone" });
  });
});

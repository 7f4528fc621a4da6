// More than 300 lines: one table of cases: what is seen of a row, and the verdict.

import { describe, expect, test } from "vitest";
import { aBranch } from "../../test/helpers/branch.ts";
import { makerAnnotation } from "../branches/made-by.ts";
import type { Stack } from "../deploy/pulumi/stack.ts";
import type { StageStamp } from "../deploy/stamp.ts";
import type { Branch } from "../neon/model.ts";
import type { Secret } from "../secrets/secret.ts";
import { kindsOf } from "./reason.ts";
import { rowsOf } from "./rows.ts";
import type { AuditedBranch, PullRequestState, Sources } from "./sources.ts";
import {
  deletionBlocker,
  isCertain,
  judgeAll,
  needsTyping,
  reasonOf,
  reasonsOf,
  type Verdict,
} from "./verdict.ts";

const now = Date.parse("2026-11-20T12:00:00Z");
const daysAgo = (days: number) => new Date(now - days * 86_400_000).toISOString();
const policy = { graceMs: 86_400_000, inactiveMs: 14 * 86_400_000 };
const backend = "file:///state";

interface Given extends Partial<Omit<AuditedBranch, "branch" | "stamp">> {
  branch?: Partial<Branch>;
  stamp?: Partial<StageStamp> | undefined;
}

/** A cloud stage of 30 days, used 5 days ago, for the git branch x; `given` says what is different. */
function audited(name: string, given: Given = {}): AuditedBranch {
  const stage = name.replace(/^dev-/, "");
  const { branch, stamp, ...rest } = given;
  return {
    branch: aBranch({
      id: `br-${name}`,
      name,
      createdAt: daysAgo(30),
      updatedAt: daysAgo(30),
      ...branch,
    }),
    stamp:
      "stamp" in given && stamp === undefined
        ? undefined
        : {
            stage,
            owner: "phil",
            gitBranch: "x",
            pullRequest: undefined,
            stack: `organization/shop/${stage}`,
            stackBackend: backend,
            secret: `/ds/shop/${stage}/database`,
            ...stamp,
          },
    endpoints: 1,
    running: false,
    lastActive: daysAgo(5),
    ...rest,
  };
}

const local = (name: string, given: Given = {}) => audited(name, { stamp: undefined, ...given });
const main = local("main", { branch: { id: "br-main", parentId: undefined, default: true } });

function stack(stage: string, more: Partial<Stack> = {}): Stack {
  const fullName = `organization/shop/${stage}`;
  const times = { lastUpdate: daysAgo(20), busy: false, url: undefined };
  return { name: stage, fullName, resourceCount: 3, ...times, ...more };
}

function secret(stage: string, more: Partial<Secret> = {}) {
  const changedAt = daysAgo(20);
  return { name: `/ds/shop/${stage}/database`, stage, changedAt, deletedAt: undefined, ...more };
}

const byHand = (given: Given = {}, by: "create" | "agent" = "create", name = "try-index") =>
  local(name, {
    ...given,
    branch: {
      annotation: makerAnnotation({ by, owner: "phil", stage: "phil-local" }),
      ...given.branch,
    },
  });

interface Said {
  /** Runs of agents are over. */
  ended?: boolean;
  branches?: AuditedBranch[];
  stacks?: Stack[] | Sources["stacks"];
  secrets?: ReturnType<typeof secret>[] | Sources["secrets"];
  git?: string[] | Sources["git"];
  pullRequests?: Record<number, PullRequestState> | Sources["pullRequests"];
  over?: string[];
}

function judged({
  branches = [],
  stacks,
  secrets,
  git,
  pullRequests,
  over = [],
  ended = false,
}: Said) {
  const sources: Sources = {
    branches: { state: "known", value: [main, ...branches] },
    stacks: Array.isArray(stacks)
      ? { state: "known", value: { backend, stacks } }
      : (stacks ?? { state: "known", value: { backend, stacks: [] } }),
    secrets: Array.isArray(secrets)
      ? { state: "known", value: secrets }
      : (secrets ?? { state: "known", value: [] }),
    git: Array.isArray(git)
      ? { state: "known", value: { names: new Set(git) } }
      : (git ?? { state: "known", value: { names: new Set() } }),
    pullRequests:
      pullRequests && "state" in pullRequests
        ? (pullRequests as Sources["pullRequests"])
        : {
            state: "known",
            value: new Map(
              Object.entries(pullRequests ?? {}).map(([number, state]) => [Number(number), state]),
            ),
          },
  };
  const shared = { branches: ["dev-team-shared"], stages: ["dev", "prod"] };
  const rows = rowsOf(sources, {
    shared,
    runIsOver: (name) => over.includes(name),
    agentIsOver: () => ended,
    worktreeIsGone: (stage) => stage === "phil-gone-local",
    now,
  });
  return judgeAll(rows, policy, now);
}

interface Case {
  title: string;
  said: Said;
  /** Name of the row; default: the first branch's. */
  of?: string;
  verdict: Verdict;
  /** The kinds of its reasons, in the order in which they are shown. */
  because: string[];
  /** A run that nobody watches may delete it. */
  certain?: boolean;
  /** Somebody may delete it. */
  offered?: boolean;
  typed?: boolean;
}

const name = "dev-phil-x";
const healthy = { stacks: [stack("phil-x")], secrets: [secret("phil-x")], git: ["x"] };
const twoSignals = { stacks: [], git: [] };
const failed = {
  state: "unknown" as const,
  why: "the passphrase is wrong",
  code: "UPSTREAM" as const,
};
const absent = { state: "none" as const };
const throwaway = "rehearsal-of-dev-phil-x-a1b2c3-4711-9f3e";
const point = "dev-phil-local-before-reset-20261023160512999";

const noteOf = (worktree: string): Partial<Branch> => ({
  annotation: { "ds-owner": "phil", "ds-made-by": "setup", "ds-worktree": worktree },
});

const cases: Case[] = [
  {
    title: "a worktree that is gone, used a few days ago",
    said: { branches: [local("dev-phil-gone-local", { branch: noteOf("gone") })] },
    verdict: "orphan?",
    because: ["worktree-gone"],
    offered: true,
    typed: true,
  },
  {
    title: "a worktree that is gone, and nobody has used its branch since",
    said: {
      branches: [local("dev-phil-gone-local", { branch: noteOf("gone"), lastActive: daysAgo(20) })],
    },
    verdict: "stale",
    because: ["worktree-gone", "inactive"],
    certain: true,
    offered: true,
  },
  {
    title: "a worktree that is there",
    said: { branches: [local("dev-phil-there-local", { branch: noteOf("there") })] },
    verdict: "ok",
    because: ["last-active"],
  },
  {
    title: "the branch of a git branch that is gone",
    said: {
      branches: [
        local("dev-phil-topic-local", {
          branch: {
            annotation: { "ds-owner": "phil", "ds-made-by": "checkout", "ds-git-branch": "topic" },
          },
          lastActive: daysAgo(20),
        }),
      ],
      git: [],
    },
    verdict: "stale",
    because: ["git-branch-gone", "inactive"],
    certain: true,
    offered: true,
  },
  {
    title: "a healthy stage",
    said: { branches: [audited(name)], ...healthy },
    verdict: "ok",
    because: ["git-branch-there", "stack-there", "last-active"],
  },
  {
    title: "stack and git branch are gone",
    said: { branches: [audited(name)], ...twoSignals },
    verdict: "stale",
    because: ["no-stack", "git-branch-gone"],
    certain: true,
    offered: true,
  },
  {
    title: "made by hand, old and unused",
    said: { branches: [byHand({ lastActive: daysAgo(20) })] },
    verdict: "stale",
    because: ["inactive", "outlived"],
    certain: true,
    offered: true,
  },
  {
    title: "made by hand, old and in use",
    said: { branches: [byHand({ lastActive: daysAgo(5) })] },
    verdict: "orphan?",
    because: ["outlived"],
    offered: true,
    typed: true,
  },
  {
    title: "made by hand, with an end to come",
    said: { branches: [byHand({ lastActive: daysAgo(20), branch: { expiresAt: daysAgo(-5) } })] },
    verdict: "orphan?",
    because: ["inactive"],
    offered: true,
    typed: true,
  },
  {
    title: "made by hand, without an endpoint: its age counts once",
    said: { branches: [byHand({ endpoints: 0, lastActive: undefined })] },
    verdict: "orphan?",
    because: ["inactive"],
    offered: true,
    typed: true,
  },
  {
    title: "an agent's run that is over has left its branch",
    said: {
      branches: [byHand({ lastActive: daysAgo(20) }, "agent", "dev-phil-agent-x")],
      ended: true,
    },
    verdict: "stale",
    because: ["run-over", "inactive", "outlived"],
    certain: true,
    offered: true,
  },
  {
    title: "only its stack is gone",
    said: { branches: [audited(name)], ...healthy, stacks: [] },
    verdict: "orphan?",
    because: ["no-stack", "git-branch-there"],
    offered: true,
    typed: true,
  },
  {
    title: "an empty stack is none",
    said: {
      branches: [audited(name)],
      stacks: [stack("phil-x", { resourceCount: 0 })],
      git: [],
    },
    verdict: "stale",
    because: ["no-stack", "git-branch-gone"],
    certain: true,
    offered: true,
  },
  {
    title: "an empty stack and a missing one are one observation, not two",
    said: {
      branches: [audited(name)],
      stacks: [stack("phil-x", { resourceCount: 0 })],
      git: absent,
    },
    verdict: "orphan?",
    because: ["no-stack"],
    offered: true,
    typed: true,
  },
  {
    title: "a stack of unknown size counts as one with resources",
    said: {
      branches: [audited(name)],
      ...healthy,
      stacks: [stack("phil-x", { resourceCount: undefined })],
      git: [],
    },
    verdict: "orphan?",
    because: ["git-branch-gone"],
    offered: true,
    typed: true,
  },
  {
    title: "a stack of another project with a name that begins alike is not its stack",
    said: { branches: [audited(name)], stacks: [stack("phil-x-2")], git: [] },
    verdict: "stale",
    because: ["no-stack", "git-branch-gone"],
    certain: true,
    offered: true,
  },
  {
    title: "two signals, and an open pull request that contradicts them",
    said: {
      branches: [audited(name, { stamp: { pullRequest: 7 } })],
      ...twoSignals,
      pullRequests: { 7: "open" },
    },
    verdict: "stale",
    because: ["no-stack", "git-branch-gone", "pull-request-open"],
    certain: false,
    offered: true,
    typed: true,
  },
  {
    title: "merged, and its git branch gone, while the stack still stands: its removal failed",
    said: {
      branches: [audited(name, { stamp: { pullRequest: 7 } })],
      stacks: [stack("phil-x")],
      git: [],
      pullRequests: { 7: "merged" },
    },
    verdict: "stale",
    because: ["pull-request-closed", "git-branch-gone"],
    certain: true,
    offered: true,
  },
  {
    title: "a preview's git branch pr-142 is a number, no branch that could be gone",
    said: {
      branches: [audited("dev-ci-pr-142", { stamp: { gitBranch: "pr-142" } })],
      stacks: [],
      git: [],
    },
    verdict: "orphan?",
    because: ["no-stack"],
    offered: true,
    typed: true,
  },
  {
    title: "the number of a pull request is in a preview's name",
    said: {
      branches: [audited("dev-ci-pr-142", { stamp: { gitBranch: undefined } })],
      stacks: [],
      pullRequests: { 142: "closed" },
    },
    verdict: "stale",
    because: ["no-stack", "pull-request-closed"],
    certain: true,
    offered: true,
  },
  {
    title: "a pull request that is not in the list says nothing",
    said: {
      branches: [audited(name, { stamp: { pullRequest: 7 } })],
      ...healthy,
      pullRequests: {},
    },
    verdict: "ok",
    because: ["git-branch-there", "stack-there", "last-active"],
  },
  {
    title: "expired and gone from git",
    said: {
      branches: [audited(name, { branch: { expiresAt: daysAgo(2) } })],
      ...healthy,
      git: [],
    },
    verdict: "stale",
    because: ["git-branch-gone", "expired"],
    certain: true,
    offered: true,
  },
  {
    title: "expired alone",
    said: { branches: [audited(name, { branch: { expiresAt: daysAgo(2) } })], ...healthy },
    verdict: "orphan?",
    because: ["expired", "git-branch-there"],
    offered: true,
    typed: true,
  },
  {
    title: "will expire later",
    said: { branches: [audited(name, { branch: { expiresAt: daysAgo(-2) } })], ...healthy },
    verdict: "ok",
    because: ["git-branch-there", "stack-there", "last-active"],
  },
  {
    title: "not used for 20 days, and no stack",
    said: {
      branches: [audited(name, { lastActive: daysAgo(20) })],
      ...healthy,
      stacks: [],
      git: absent,
    },
    verdict: "stale",
    because: ["no-stack", "inactive"],
    certain: true,
    offered: true,
  },
  {
    title: "that the API knows no last use is no proof of none",
    said: {
      branches: [audited(name, { lastActive: undefined })],
      ...healthy,
      stacks: [],
      git: absent,
    },
    verdict: "orphan?",
    because: ["no-stack"],
    offered: true,
    typed: true,
  },
  {
    title: "without an endpoint nobody can have used it",
    said: {
      branches: [audited(name, { endpoints: 0, lastActive: undefined })],
      stacks: [],
      git: absent,
    },
    verdict: "stale",
    because: ["no-stack", "inactive"],
    certain: true,
    offered: true,
  },
  {
    title: "used an hour ago: kept, whatever speaks against it",
    said: { branches: [audited(name, { lastActive: daysAgo(1 / 24) })], ...twoSignals },
    verdict: "kept",
    because: ["used-recently", "no-stack", "git-branch-gone"],
  },
  {
    title: "in use right now",
    said: { branches: [audited(name, { running: true })], ...twoSignals },
    verdict: "kept",
    because: ["running", "no-stack", "git-branch-gone"],
  },
  {
    title: "too young",
    said: { branches: [audited(name, { branch: { createdAt: daysAgo(0.5) } })], ...twoSignals },
    verdict: "kept",
    because: ["young", "no-stack", "git-branch-gone"],
  },
  {
    title: "reset an hour ago is as good as new",
    said: {
      branches: [audited(name, { branch: { lastResetAt: daysAgo(1 / 24) } })],
      ...twoSignals,
    },
    verdict: "kept",
    because: ["young", "no-stack", "git-branch-gone"],
  },
  {
    title: "of an age that nobody can read",
    said: { branches: [audited(name, { branch: { createdAt: "" } })], ...twoSignals },
    verdict: "kept",
    because: ["age-unknown", "no-stack", "git-branch-gone"],
  },
  {
    title: "protected",
    said: { branches: [audited(name, { branch: { protected: true } })], ...twoSignals },
    verdict: "kept",
    because: ["protected", "no-stack", "git-branch-gone"],
  },
  {
    title: "the default branch",
    said: {},
    of: "main",
    verdict: "kept",
    because: ["default-branch"],
  },
  {
    title: "a root branch that is not the default",
    said: { branches: [audited(name, { branch: { parentId: undefined } })], ...twoSignals },
    verdict: "kept",
    because: ["root-branch"],
  },
  {
    title: "declared as shared in the configuration",
    said: { branches: [audited("dev-team-shared")], ...twoSignals },
    verdict: "kept",
    because: ["shared"],
  },
  {
    title: "with children",
    said: {
      branches: [audited(name), local("experiment", { branch: { parentId: `br-${name}` } })],
      ...twoSignals,
    },
    verdict: "kept",
    because: ["has-children", "no-stack", "git-branch-gone"],
  },
  {
    title: "its stack is locked",
    said: {
      branches: [audited(name)],
      stacks: [stack("phil-x", { resourceCount: 0, busy: true })],
      git: [],
    },
    verdict: "kept",
    because: ["stack-locked", "no-stack", "git-branch-gone"],
  },
  {
    title: "whether the stack is busy is not told: the removal of the stack finds out",
    said: {
      branches: [audited(name)],
      stacks: [stack("phil-x", { resourceCount: 0, busy: undefined })],
      git: [],
    },
    verdict: "stale",
    because: ["no-stack", "git-branch-gone"],
    certain: true,
    offered: true,
  },
  {
    title: "a name that is not ours",
    said: {
      branches: [local("experiment", { endpoints: 0, branch: { expiresAt: daysAgo(1) } })],
    },
    verdict: "kept",
    because: ["foreign-name"],
  },
  {
    title: "one of ours that was given another name",
    said: { branches: [audited("keep-this", { stamp: { stage: "phil-x" } })], ...twoSignals },
    verdict: "kept",
    because: ["renamed"],
  },
  {
    title: "the stacks cannot be read",
    said: { branches: [audited(name)], stacks: failed, git: [] },
    verdict: "unknown",
    because: ["source-failed"],
  },
  {
    title: "the stacks cannot be read, with enough other signals",
    said: {
      branches: [audited(name, { branch: { expiresAt: daysAgo(1) }, stamp: { pullRequest: 7 } })],
      stacks: failed,
      pullRequests: { 7: "merged" },
    },
    verdict: "unknown",
    because: ["source-failed"],
  },
  {
    title: "the secrets cannot be read",
    said: { branches: [audited(name)], ...twoSignals, secrets: failed },
    verdict: "unknown",
    because: ["source-failed"],
  },
  {
    title: "the remote does not answer",
    said: { branches: [audited(name)], stacks: [], git: failed },
    verdict: "unknown",
    because: ["source-failed"],
  },
  {
    title: "the pull requests cannot be read, which matters to those that have one",
    said: {
      branches: [audited(name, { stamp: { pullRequest: 7 } })],
      ...twoSignals,
      pullRequests: failed,
    },
    verdict: "unknown",
    because: ["source-failed"],
  },
  {
    title: "the pull requests cannot be read, which does not matter to others",
    said: { branches: [audited(name)], ...twoSignals, pullRequests: failed },
    verdict: "stale",
    because: ["no-stack", "git-branch-gone"],
    certain: true,
    offered: true,
  },
  {
    title: "its stack is at another backend than the one that was read",
    said: {
      branches: [audited(name, { stamp: { stackBackend: "s3://theirs" } })],
      ...twoSignals,
    },
    verdict: "unknown",
    because: ["other-backend"],
  },
  {
    title: "its stack is at a backend, and here there is none",
    said: { branches: [audited(name)], git: [], stacks: absent },
    verdict: "unknown",
    because: ["other-backend"],
  },
  {
    title: "deployed without a stack: none is missing",
    said: {
      branches: [audited(name, { stamp: { stack: undefined, stackBackend: undefined } })],
      git: [],
    },
    verdict: "orphan?",
    because: ["git-branch-gone"],
    offered: true,
    typed: true,
  },
  {
    title: "no checkout at hand: what git has is no signal, and no failure",
    said: { branches: [audited(name)], ...healthy, git: absent },
    verdict: "ok",
    because: ["stack-there", "last-active"],
  },
  {
    title: "not all sources have answered",
    said: { branches: [audited(name)], ...twoSignals, stacks: { state: "waiting" } },
    verdict: "waiting",
    because: [],
  },
  {
    title: "what is never offered need not wait for the sources",
    said: {
      branches: [audited(name, { branch: { protected: true } })],
      stacks: { state: "waiting" },
      secrets: failed,
    },
    verdict: "kept",
    because: ["protected", "git-branch-gone"],
  },
  {
    title: "a developer's local stage has neither stack nor git branch",
    said: { branches: [local("dev-phil-local")], ...twoSignals, secrets: failed },
    verdict: "ok",
    because: ["last-active"],
  },
  {
    title: "a local stage that nobody uses",
    said: { branches: [local("dev-phil-local", { lastActive: daysAgo(40) })] },
    verdict: "orphan?",
    because: ["inactive"],
    offered: true,
    typed: true,
  },
  {
    title: "a local stage that has expired and that nobody uses",
    said: {
      branches: [
        local("dev-phil-local", {
          lastActive: daysAgo(40),
          branch: { expiresAt: daysAgo(1) },
        }),
      ],
    },
    verdict: "stale",
    because: ["expired", "inactive"],
    certain: true,
    offered: true,
  },
  {
    title: "a cloud stage without a stamp: the name alone says nothing of git",
    said: { branches: [audited(name, { stamp: undefined })], ...twoSignals },
    verdict: "orphan?",
    because: ["no-stack", "not-deployed"],
    offered: true,
    typed: true,
  },
  {
    title: "a cloud stage without a stamp that nobody uses is not certain, whatever there is not",
    said: {
      branches: [audited(name, { stamp: undefined, lastActive: daysAgo(40) })],
      ...twoSignals,
    },
    verdict: "stale",
    because: ["no-stack", "inactive", "not-deployed"],
    certain: false,
    offered: true,
    typed: true,
  },
  {
    title: "a recovery point of a branch that is there",
    said: { branches: [local("dev-phil-local"), local(point, { endpoints: 0 })] },
    of: point,
    verdict: "kept",
    because: ["recovery-point", "outlived"],
  },
  {
    title: "a recovery point of a branch that is gone, 27 days later",
    said: { branches: [local(point, { endpoints: 0 })] },
    of: point,
    verdict: "stale",
    because: ["original-gone", "outlived"],
    certain: true,
    offered: true,
  },
  {
    title: "a recovery point of a branch that has just gone",
    said: {
      branches: [local("dev-phil-local-before-reset-20261118160512999", { endpoints: 0 })],
    },
    verdict: "orphan?",
    because: ["original-gone"],
    offered: true,
    typed: true,
  },
  {
    title: "a throwaway copy in use",
    said: {
      branches: [
        audited(name),
        local(throwaway, {
          branch: { parentId: `br-${name}`, createdAt: daysAgo(0.01), expiresAt: daysAgo(-0.03) },
          running: true,
        }),
      ],
      ...healthy,
    },
    of: throwaway,
    verdict: "ok",
    because: ["running"],
  },
  {
    title: "a throwaway copy that a killed run has left, two hours ago",
    said: {
      branches: [
        local(throwaway, {
          branch: { createdAt: daysAgo(1 / 12) },
          lastActive: daysAgo(1 / 12),
        }),
      ],
      over: [throwaway],
    },
    of: throwaway,
    verdict: "stale",
    because: ["run-over", "outlived"],
    certain: true,
    offered: true,
  },
  {
    title: "a throwaway copy of hours ago, whose end another machine puts off",
    said: {
      branches: [
        local(throwaway, {
          branch: { createdAt: daysAgo(1 / 8), expiresAt: daysAgo(-1 / 30) },
          lastActive: daysAgo(1 / 8),
        }),
      ],
      ...healthy,
    },
    of: throwaway,
    verdict: "ok",
    because: ["last-active"],
  },
  {
    title: "a throwaway copy in use keeps its branch",
    said: {
      branches: [
        audited(name),
        local(throwaway, {
          branch: { parentId: `br-${name}`, createdAt: daysAgo(0.01), expiresAt: daysAgo(-0.03) },
        }),
      ],
      ...twoSignals,
    },
    of: name,
    verdict: "kept",
    because: ["has-children", "no-stack", "git-branch-gone"],
  },
  {
    title: "a throwaway copy that is left over does not",
    said: {
      branches: [audited(name), local(throwaway, { branch: { parentId: `br-${name}` } })],
      ...twoSignals,
      over: [throwaway],
    },
    of: name,
    verdict: "stale",
    because: ["no-stack", "git-branch-gone"],
    certain: true,
    offered: true,
  },
  {
    title: "a stack without a branch",
    said: { stacks: [stack("phil-old")] },
    of: "phil-old",
    verdict: "orphan?",
    because: ["no-branch"],
    offered: true,
    typed: true,
  },
  {
    title: "an empty stack without a branch",
    said: { stacks: [stack("phil-old", { resourceCount: 0 })] },
    of: "phil-old",
    verdict: "stale",
    because: ["no-branch", "no-stack"],
    certain: true,
    offered: true,
  },
  {
    title: "a preview's stack without a branch, its pull request merged",
    said: { stacks: [stack("ci-pr-9")], pullRequests: { 9: "merged" } },
    of: "ci-pr-9",
    verdict: "stale",
    because: ["no-branch", "pull-request-closed"],
    certain: true,
    offered: true,
  },
  {
    title: "a secret without branch and stack",
    said: { secrets: [secret("phil-old")] },
    of: "phil-old",
    verdict: "stale",
    because: ["no-branch", "no-stack"],
    certain: true,
    offered: true,
  },
  {
    title: "a secret without a branch where there are no stacks at all",
    said: { secrets: [secret("phil-old")], stacks: absent },
    of: "phil-old",
    verdict: "orphan?",
    because: ["no-branch"],
    offered: true,
    typed: true,
  },
  {
    title: "a secret that was written an hour ago",
    said: { secrets: [secret("phil-old", { changedAt: daysAgo(1 / 24) })] },
    of: "phil-old",
    verdict: "kept",
    because: ["young", "no-branch", "no-stack"],
  },
  {
    title: "a secret without a branch while the stacks cannot be read",
    said: { secrets: [secret("phil-old")], stacks: failed },
    of: "phil-old",
    verdict: "unknown",
    because: ["source-failed"],
  },
  {
    title: "a stack of unknown age without a branch",
    said: { stacks: [stack("phil-old", { resourceCount: 0, lastUpdate: undefined })] },
    of: "phil-old",
    verdict: "kept",
    because: ["age-unknown", "no-branch", "no-stack"],
  },
  {
    title: "the stack of a shared stage is nobody's remains",
    said: { stacks: [stack("prod")], secrets: [secret("prod")] },
    of: "prod",
    verdict: "kept",
    because: ["shared"],
  },
  {
    title: "a stack that is not named like one of ours",
    said: { stacks: [stack("website")] },
    of: "website",
    verdict: "kept",
    because: ["foreign-name"],
  },
];

describe("what may go, and why", () => {
  test.each(cases)("$title", ({ said, of, verdict, because, ...expected }) => {
    const wanted = of ?? said.branches?.[0]?.branch.name;
    const all = judged(said);
    const found = all.filter(({ row }) => row.name === wanted);
    expect(found, all.map(({ row }) => row.name).join()).toHaveLength(1);
    const [row] = found;
    if (!row) return;
    expect([row.verdict, kindsOf(reasonsOf(row))]).toEqual([verdict, because]);
    expect(isCertain(row), "certain").toBe(expected.certain ?? false);
    expect(deletionBlocker(row) === undefined, deletionBlocker(row)?.text).toBe(
      expected.offered ?? false,
    );
    if (expected.offered) expect(needsTyping(row), "typed").toBe(expected.typed ?? false);
  });

  test("a stage's stack and secret are not without a branch because it was renamed", () => {
    const all = judged({
      branches: [audited("keep-this", { stamp: { stage: "phil-x" } })],
      ...healthy,
    });
    expect(all.map(({ row }) => row.name)).toEqual(["main", "keep-this"]);
  });

  test("a secret that waits for its deletion is nobody's remains", () => {
    expect(judged({ secrets: [secret("phil-old", { deletedAt: daysAgo(1) })] })).toHaveLength(1);
  });

  test("nothing is without a branch until the branches are known", () => {
    const waiting = { state: "waiting" as const };
    const sources: Sources = {
      branches: waiting,
      stacks: { state: "known", value: { backend, stacks: [stack("phil-x")] } },
      secrets: { state: "known", value: [secret("phil-x")] },
      git: waiting,
      pullRequests: waiting,
    };
    const shared = { branches: [], stages: [] };
    const never = { runIsOver: () => false, worktreeIsGone: () => false };
    expect(rowsOf(sources, { shared, ...never, now })).toEqual([]);
  });

  test("leftovers of a stale branch go with it: recovery points and spent copies", () => {
    const [, row] = judged({
      branches: [
        audited("dev-phil-local", { stamp: undefined }),
        local(point),
        local(throwaway.replace("x", "local"), { branch: { parentId: "br-dev-phil-local" } }),
      ],
      over: [throwaway.replace("x", "local")],
    });
    expect(row?.row.leftovers.map((leftover) => leftover.name)).toEqual([
      point,
      throwaway.replace("x", "local"),
    ]);
  });

  test("a recovery point that others fork from stays", () => {
    const [, row] = judged({
      branches: [
        local("dev-phil-local"),
        local(point),
        local("experiment", { branch: { parentId: `br-${point}` } }),
      ],
    });
    expect(row?.row.leftovers).toEqual([]);
  });
});

describe("why, as it is shown", () => {
  test.each([
    [
      "a healthy stage",
      "the git branch x is there; the stack organization/shop/phil-x is there, with 3 resources; it was last active 5d ago",
    ],
    [
      "stack and git branch are gone",
      "its stack organization/shop/phil-x is gone; the git branch x is gone",
    ],
    [
      "two signals, and an open pull request that contradicts them",
      "its stack organization/shop/phil-x is gone; the git branch x is gone; but pull request #7 is open",
    ],
    [
      "merged, and its git branch gone, while the stack still stands: its removal failed",
      "pull request #7 is merged; the git branch x is gone",
    ],
    ["expired and gone from git", "the git branch x is gone; it expired 2d ago"],
    [
      "not used for 20 days, and no stack",
      "its stack organization/shop/phil-x is gone; nobody has connected to it for 20d",
    ],
    [
      "used an hour ago: kept, whatever speaks against it",
      "it was used 1h ago, within the last 1d; its stack organization/shop/phil-x is gone; the git branch x is gone",
    ],
    [
      "in use right now",
      "its compute is running; its stack organization/shop/phil-x is gone; the git branch x is gone",
    ],
    [
      "too young",
      "it was made or changed 12h ago, within the last 1d; its stack organization/shop/phil-x is gone; the git branch x is gone",
    ],
    [
      "of an age that nobody can read",
      "nothing says how old it is; its stack organization/shop/phil-x is gone; the git branch x is gone",
    ],
    [
      "protected",
      "it is protected; its stack organization/shop/phil-x is gone; the git branch x is gone",
    ],
    ["the default branch", "it is the project's default branch"],
    ["a root branch that is not the default", "it is a root branch"],
    ["declared as shared in the configuration", "ds.config.ts declares dev-team-shared as shared"],
    [
      "with children",
      "other branches fork from it: experiment; its stack organization/shop/phil-x is gone; the git branch x is gone",
    ],
    [
      "its stack is locked",
      "its stack organization/shop/phil-x is locked, or being updated; its stack organization/shop/phil-x has no resources; the git branch x is gone",
    ],
    ["a name that is not ours", "its name is not one that ds gives"],
    [
      "one of ours that was given another name",
      "it was made for the stage phil-x, and somebody has given it another name",
    ],
    ["the stacks cannot be read", "the passphrase is wrong"],
    [
      "its stack is at another backend than the one that was read",
      "its stack is at s3://theirs, and file:///state was read",
    ],
    [
      "a cloud stage without a stamp: the name alone says nothing of git",
      "it has no stack; but ds deploy did not make it, so it may never have had one",
    ],
    [
      "a recovery point of a branch that is there",
      "it is a recovery point of dev-phil-local; it was kept 27d ago",
    ],
    [
      "a recovery point of a branch that is gone, 27 days later",
      "the branch that it was kept for, dev-phil-local, is gone; it was kept 27d ago",
    ],
    [
      "a throwaway copy that a killed run has left, two hours ago",
      "the command that made it is over; it is 2h old, and such copies live an hour",
    ],
    ["a stack without a branch", "no branch belongs to the stage phil-old"],
  ])("%s: %s", (title, text) => {
    const { said, of } = cases.find((one) => one.title === title) as Case;
    const wanted = of ?? said.branches?.[0]?.branch.name;
    expect(
      judged(said)
        .filter(({ row }) => row.name === wanted)
        .map(reasonOf),
    ).toEqual([text]);
  });
});

import type { Stack } from "../deploy/pulumi/stack.ts";
import type { Branch } from "../neon/model.ts";
import type { Fact, PullRequest } from "./facts.ts";
import type { AuditedBranch, AuditedSecret } from "./sources.ts";

interface Leftover {
  id: string;
  name: string;
}

/** One line of the audit: a branch with what belongs to it, or what is left of a stage without one. */
export interface Row {
  /** The branch's id, or `stage:<name>`. */
  id: string;
  name: string;
  kind: RowKind;
  stage: string | undefined;
  owner: string | undefined;
  audited: AuditedBranch | undefined;
  stack: Fact<Stack>;
  secret: Fact<AuditedSecret>;
  gitBranch: Fact<string>;
  pullRequest: Fact<PullRequest>;
  /** Branches that go with it: recovery points, and ephemeral copies that nobody uses any more. */
  leftovers: Leftover[];
  /** Names of the branches that fork from it and do not go with it. */
  children: string[];
  /** Recovery points and ephemeral branches: the branch that they are a copy of. */
  copyOf: { name: string; exists: boolean } | undefined;
  /** Throwaways and agents' branches: the run that made it, on this machine, is over. */
  runIsOver: boolean;
  /** Of a linked worktree that git no longer has, on this machine: its name. */
  worktreeGone: string | undefined;
  createdAt: string | undefined;
}

/** made: by hand or for an agent, and no stage's. */
export type RowKind =
  | "shared"
  | "cloud"
  | "local"
  | "made"
  | "recovery"
  | "throwaway"
  | "other"
  | "remains";

export interface Surroundings {
  /** What ds.config.ts declares as shared. */
  shared: { branches: readonly string[]; stages: readonly string[] };
  /** Whether an ephemeral branch's name tells that a run of this machine made it which is over. */
  runIsOver(name: string): boolean;
  /** Whether a run of this machine's (`ds agent exec`) on the branch is over, and should have deleted it. */
  agentIsOver?(branch: Branch): boolean;
  /** Whether a stage is that of a linked worktree which was here, and which git no longer has. */
  worktreeIsGone(stage: string): boolean;
  now: number;
}

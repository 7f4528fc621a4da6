import type { GitBranches, Inventory, Naming, Source } from "../deploy/inventory.ts";
import type { Stack } from "../deploy/pulumi/stack.ts";
import { type StageStamp, stampOf } from "../deploy/stamp.ts";
import type { Branch, Endpoint } from "../neon/model.ts";
import { stageOfSecret } from "../secrets/name.ts";
import type { Secret } from "../secrets/secret.ts";

/** What a source said so far. Only `known` is knowledge: nothing follows from the silence of the others. */
type SourceState<T> = Source<T> | { state: "waiting" };

/** A branch with all that the API knows of its use. */
export interface AuditedBranch {
  branch: Branch;
  stamp: StageStamp | undefined;
  endpoints: number;
  /** A compute runs right now. */
  running: boolean;
  /** ISO 8601; undefined where the API does not say. */
  lastActive: string | undefined;
}

export interface AuditedSecret extends Pick<Secret, "name" | "changedAt" | "deletedAt"> {
  /** The stage that the name tells. */
  stage: string;
}

export type PullRequestState = "open" | "closed" | "merged";

export type PullRequests = ReadonlyMap<number, PullRequestState>;

export interface Sources {
  branches: SourceState<AuditedBranch[]>;
  stacks: SourceState<{ backend: string; stacks: Stack[] }>;
  secrets: SourceState<AuditedSecret[]>;
  git: SourceState<GitBranches>;
  pullRequests: SourceState<PullRequests>;
}

export type SourceName = keyof Sources;

export const sourceNames = ["branches", "stacks", "secrets", "git", "pullRequests"] as const;

export const sourceWords: Record<SourceName, string> = {
  branches: "branches",
  stacks: "stacks",
  secrets: "secrets",
  git: "git branches",
  pullRequests: "pull requests",
};

/** Why there is no such source here. */
export const absenceWords: Record<SourceName, string> = {
  branches: "there are no branches",
  stacks: "ds.config.ts names no infra folder",
  secrets: "there is no secret store",
  git: "this folder is no git checkout",
  pullRequests: "gh, GitHub's own command, has nothing to say here",
};

export const nothingYet: Sources = {
  branches: { state: "waiting" },
  stacks: { state: "waiting" },
  secrets: { state: "waiting" },
  git: { state: "waiting" },
  pullRequests: { state: "waiting" },
};

/** The sources that should have answered and did not, with what they said instead. */
export function failures(sources: Sources): { source: SourceName; why: string }[] {
  return sourceNames.flatMap((source) => {
    const said = sources[source];
    return said.state === "unknown" ? [{ source, why: said.why }] : [];
  });
}

/** What was said before, where a source has not answered again yet. */
export function renewed(before: Sources, now: Sources): Sources {
  const kept = sourceNames.map((name) => [
    name,
    now[name].state === "waiting" ? before[name] : now[name],
  ]);
  return Object.fromEntries(kept) as unknown as Sources;
}

/** The parts of an inventory, each as far as it is there. */
export type Parts = { [K in keyof Omit<Inventory, "project">]: SourceState<PartOf<K>> } & {
  pullRequests: SourceState<PullRequests>;
};

type PartOf<K extends keyof Inventory> =
  Extract<Inventory[K], { state: "known" }> extends { value: infer T } ? T : never;

/** What the audit looks at, out of what was asked for. */
export function sourcesOf(parts: Parts, naming: Naming): Sources {
  return {
    branches: both(parts.branches, parts.endpoints, withUse),
    stacks: both(parts.stacks, parts.stackBackend, (stacks, backend) => ({ backend, stacks })),
    secrets: mapped(parts.secrets, (secrets) => secrets.flatMap(withStage(naming))),
    git: parts.git,
    pullRequests: parts.pullRequests,
  };
}

/** Two answers that are worth something only together: the one that is missing is what the pair is. */
function both<A, B, T>(
  a: SourceState<A>,
  b: SourceState<B>,
  put: (a: A, b: B) => T,
): SourceState<T> {
  if (a.state !== "known") return a;
  return b.state === "known" ? { state: "known", value: put(a.value, b.value) } : b;
}

const mapped = <A, T>(heard: SourceState<A>, change: (value: A) => T): SourceState<T> =>
  heard.state === "known" ? { state: "known", value: change(heard.value) } : heard;

/** Branches with what their endpoints tell of their use. */
export function withUse(branches: Branch[], endpoints: Endpoint[]): AuditedBranch[] {
  const byBranch = new Map<string, Endpoint[]>();
  for (const endpoint of endpoints) {
    byBranch.set(endpoint.branchId, [...(byBranch.get(endpoint.branchId) ?? []), endpoint]);
  }
  return branches.map((branch) => {
    const own = byBranch.get(branch.id) ?? [];
    return {
      branch,
      stamp: stampOf(branch.annotation),
      endpoints: own.length,
      running: own.some(({ state }) => state !== "idle"),
      lastActive: own
        .flatMap(({ lastActiveAt }) => lastActiveAt ?? [])
        .sort()
        .at(-1),
    };
  });
}

const withStage =
  ({ secretPattern, project }: Naming) =>
  ({ name, changedAt, deletedAt }: Secret): AuditedSecret[] => {
    const stage = stageOfSecret(secretPattern, project, name);
    return stage === undefined ? [] : [{ name, stage, changedAt, deletedAt }];
  };

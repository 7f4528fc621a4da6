import type { Stack, StageStamp } from "../cloud.ts";
import type { Branch } from "../model.ts";

/** What a source said. Only `read` is knowledge: nothing follows from the silence of the others. */
export type Source<T> =
  | { state: "waiting" }
  | { state: "read"; value: T }
  /** It should have answered, and did not or not in full. */
  | { state: "failed"; reason: string }
  /** This checkout or machine has no such source. */
  | { state: "absent"; reason: string };

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

export interface AuditedSecret {
  name: string;
  /** The stage that the name tells. */
  stage: string;
  changedAt: string | undefined;
  /** It is deleted already, and can still be brought back. */
  deletedAt: string | undefined;
}

export interface GitBranches {
  /** Name of the remote that was asked; undefined: this checkout has none, and knows its own only. */
  remote: string | undefined;
  names: ReadonlySet<string>;
}

export type PullRequestState = "open" | "closed" | "merged";

export interface Sources {
  branches: Source<AuditedBranch[]>;
  stacks: Source<{ backend: string; stacks: Stack[] }>;
  secrets: Source<AuditedSecret[]>;
  git: Source<GitBranches>;
  pullRequests: Source<ReadonlyMap<number, PullRequestState>>;
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

export const nothingYet: Sources = {
  branches: { state: "waiting" },
  stacks: { state: "waiting" },
  secrets: { state: "waiting" },
  git: { state: "waiting" },
  pullRequests: { state: "waiting" },
};

/** The sources that should have answered and did not, as sentences. */
export function failures(sources: Sources): { source: SourceName; reason: string }[] {
  return sourceNames.flatMap((source) => {
    const said = sources[source];
    return said.state === "failed" ? [{ source, reason: said.reason }] : [];
  });
}

export const isWaiting = (sources: Sources): boolean =>
  sourceNames.some((name) => sources[name].state === "waiting");

import type { Stack, StageStamp } from "../cloud.ts";
import type { AuditedSecret, PullRequestState, Source, Sources } from "./sources.ts";

/** What is known of one thing of a row. */
export type Fact<T> =
  | { is: "there"; value: T }
  /** Its source was read, and it is not in it. `name`: what the branch says there should be. */
  | { is: "gone"; name: string | undefined }
  | { is: "waiting" }
  | { is: "unknown"; reason: string }
  /** Such a row has none, or there is no such source here. */
  | { is: "none"; reason: string };

export interface PullRequest {
  number: number;
  state: PullRequestState;
}

export interface Finders {
  stack(stage: string, stamp: StageStamp | undefined): Fact<Stack>;
  secret(stage: string, name: string | undefined): Fact<AuditedSecret>;
  gitBranch(name: string | undefined): Fact<string>;
  pullRequest(number: number | undefined): Fact<PullRequest>;
}

export const none = (reason: string): Fact<never> => ({ is: "none", reason });

/** Looks things up by their exact names, in what the sources said. */
export function finders({ stacks, secrets, git, pullRequests }: Sources): Finders {
  const listed = stacks.state === "read" ? stacks.value.stacks : [];
  const stackByName = new Map(listed.map((stack) => [stack.name, stack]));
  const stackByFullName = new Map(listed.map((stack) => [stack.fullName, stack]));
  // One that waits for its deletion is as good as gone: its store takes it away by itself.
  const kept = secrets.state === "read" ? secrets.value.filter(({ deletedAt }) => !deletedAt) : [];
  const secretByName = new Map(kept.map((secret) => [secret.name, secret]));
  const secretByStage = new Map(kept.map((secret) => [secret.stage, secret]));
  return {
    stack: (stage, stamp) => {
      const elsewhere = otherBackend(stamp, stacks);
      if (elsewhere) return { is: "unknown", reason: elsewhere };
      if (stacks.state !== "read") return silent(stacks);
      const wanted = stamp?.stack;
      const found = wanted ? stackByFullName.get(wanted) : stackByName.get(stage);
      if (found) return { is: "there", value: found };
      // A stage that was deployed without an infra directory never had one.
      if (stamp && !wanted) return none("it was deployed without a stack");
      return { is: "gone", name: wanted };
    },
    secret: (stage, name) => {
      if (secrets.state !== "read") return silent(secrets);
      const found = name ? secretByName.get(name) : secretByStage.get(stage);
      return found ? { is: "there", value: found } : { is: "gone", name };
    },
    gitBranch: (name) => {
      if (name === undefined) return none("the branch does not say which git branch it is for");
      if (git.state !== "read") return silent(git);
      if (git.value.names.has(name)) return { is: "there", value: name };
      // A preview is named after its pull request, which is no git branch.
      if (/^pr-\d+$/.test(name)) return none(`${name} names a pull request, not a git branch`);
      return { is: "gone", name };
    },
    pullRequest: (number) => {
      if (number === undefined) return none("it is not for a pull request");
      if (pullRequests.state !== "read") return silent(pullRequests);
      const state = pullRequests.value.get(number);
      if (state) return { is: "there", value: { number, state } };
      return none(`the pull request #${number} is not among those that were listed`);
    },
  };
}

/** The branch names a backend, and it is not the one that was read here. */
function otherBackend(
  stamp: StageStamp | undefined,
  stacks: Sources["stacks"],
): string | undefined {
  if (!stamp?.stack || !stamp.stackBackend) return undefined;
  if (stacks.state === "absent") {
    return `its stack is at ${stamp.stackBackend}, which cannot be read here: ${stacks.reason}`;
  }
  if (stacks.state !== "read" || stacks.value.backend === stamp.stackBackend) return undefined;
  return `its stack is at ${stamp.stackBackend}, and ${stacks.value.backend} was read`;
}

function silent(source: Exclude<Source<unknown>, { state: "read" }>): Fact<never> {
  if (source.state === "waiting") return { is: "waiting" };
  if (source.state === "failed") return { is: "unknown", reason: source.reason };
  return none(source.reason);
}

import type { Stack } from "../deploy/pulumi/stack.ts";
import type { StageStamp } from "../deploy/stamp.ts";
import { type Reason, reason } from "./reason.ts";
import {
  type AuditedSecret,
  absenceWords,
  type PullRequestState,
  type SourceName,
  type Sources,
} from "./sources.ts";

/** What is known of one thing of a row. */
export type Fact<T> =
  | { is: "there"; value: T }
  /** Its source was read, and it is not in it. `name`: what the branch says there should be. */
  | { is: "gone"; name: string | undefined }
  | { is: "waiting" }
  | { is: "unknown"; reason: Reason<UnknownKind> }
  /** Such a row has none, or there is no such source here. */
  | { is: "none"; reason: string };

/** Why a fact is not known: its source failed, it is kept elsewhere, or the list does not go back so far. */
export type UnknownKind = "source-failed" | "other-backend" | "beyond-list";

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

const unknown = (kind: UnknownKind, text: string): Fact<never> => ({
  is: "unknown",
  reason: reason(kind, text),
});

export const none = (reason: string): Fact<never> => ({ is: "none", reason });

/** Looks things up by their exact names, in what the sources said. */
export function finders(sources: Sources): Finders {
  const { stacks, secrets, git, pullRequests } = sources;
  const silent = (source: SourceName) => silence(source, sources);
  const listed = stacks.state === "known" ? stacks.value.stacks : [];
  const stackByName = new Map(listed.map((stack) => [stack.name, stack]));
  const stackByFullName = new Map(listed.map((stack) => [stack.fullName, stack]));
  // One that waits for its deletion is as good as gone: its store takes it away by itself.
  const kept = secrets.state === "known" ? secrets.value.filter(({ deletedAt }) => !deletedAt) : [];
  const secretByName = new Map(kept.map((secret) => [secret.name, secret]));
  const secretByStage = new Map(kept.map((secret) => [secret.stage, secret]));
  const numbers = pullRequests.state === "known" ? [...pullRequests.value.keys()] : [];
  const oldest = numbers.length > 0 ? Math.min(...numbers) : 0;
  return {
    stack: (stage, stamp) => {
      const elsewhere = otherBackend(stamp, stacks);
      if (elsewhere) return unknown("other-backend", elsewhere);
      if (stacks.state !== "known") return silent("stacks");
      const wanted = stamp?.stack;
      const found = wanted ? stackByFullName.get(wanted) : stackByName.get(stage);
      if (found) return { is: "there", value: found };
      // A stage that was deployed without an infra directory never had one.
      if (stamp && !wanted) return none("it was deployed without a stack");
      return { is: "gone", name: wanted };
    },
    secret: (stage, name) => {
      if (secrets.state !== "known") return silent("secrets");
      const found = name ? secretByName.get(name) : secretByStage.get(stage);
      if (found) return { is: "there", value: found };
      return name ? { is: "gone", name } : none("no secret was ever named");
    },
    gitBranch: (name) => {
      if (name === undefined) return none("the branch does not say which git branch it is for");
      if (git.state !== "known") return silent("git");
      if (git.value.names.has(name)) return { is: "there", value: name };
      // A preview is named after its pull request, which is no git branch.
      if (/^pr-\d+$/.test(name)) return none(`${name} names a pull request, not a git branch`);
      return { is: "gone", name };
    },
    pullRequest: (number) => {
      if (number === undefined) return none("it is not for a pull request");
      if (pullRequests.state !== "known") return silent("pullRequests");
      const state = pullRequests.value.get(number);
      if (state) return { is: "there", value: { number, state } };
      // The list has an end, and what lies behind it may well be open.
      if (number < oldest) {
        const text = `pull request #${number} is older than those that gh lists`;
        return unknown("beyond-list", text);
      }
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
  if (stacks.state === "none") {
    return `its stack is at ${stamp.stackBackend}, which cannot be read here: ${absenceWords.stacks}`;
  }
  if (stacks.state !== "known" || stacks.value.backend === stamp.stackBackend) return undefined;
  return `its stack is at ${stamp.stackBackend}, and ${stacks.value.backend} was read`;
}

/** What is known of a thing whose source has not been read. */
function silence(source: SourceName, sources: Sources): Fact<never> {
  const said = sources[source];
  if (said.state === "unknown") return unknown("source-failed", said.why);
  return said.state === "none" ? none(absenceWords[source]) : { is: "waiting" };
}

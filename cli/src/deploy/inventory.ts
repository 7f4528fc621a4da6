import type { ErrorCode } from "../errors/ds-error.ts";
import type { ErrorReason } from "../errors/error-reason.ts";
import type { Branch, Endpoint, Project } from "../neon/model.ts";
import { secretNameOf, stageOfSecret } from "../secrets/name.ts";
import type { Secret } from "../secrets/secret.ts";
import { stageOfBranch } from "../stages/stage.ts";
import type { Stack } from "./pulumi/stack.ts";
import { type StageStamp, stampOf } from "./stamp.ts";

/** What one source had to say. One that failed says nothing: what it would have told is unknown, not absent. */
export type Source<T> =
  | { state: "known"; value: T }
  | { state: "unknown"; why: string; code: ErrorCode; reason?: ErrorReason | undefined }
  /** Not a part of this project: no infra folder, no git checkout. */
  | { state: "none" };

export interface GitBranches {
  /** Of this checkout and of the remote it pushes to, without `refs/heads/`. */
  names: ReadonlySet<string>;
}

/** Everything that belongs to stages, as the sources had it at one time. */
export interface Inventory {
  project: Project;
  branches: Source<Branch[]>;
  endpoints: Source<Endpoint[]>;
  secrets: Source<Secret[]>;
  stacks: Source<Stack[]>;
  /** The backend that was asked for stacks. */
  stackBackend: Source<string>;
  git: Source<GitBranches>;
}

/** One stage and what each source has for it. */
export interface StageEntry {
  stage: string;
  branch: Branch | undefined;
  stamp: StageStamp | undefined;
  endpoint: Endpoint | undefined;
  /** Undefined where there is none, or its source failed: see the inventory. */
  secret: Secret | undefined;
  stack: Stack | undefined;
}

export interface Naming {
  secretPattern: string;
  /** As the configuration names it. */
  project: string;
}

const known = <T>(source: Source<T>): T | undefined =>
  source.state === "known" ? source.value : undefined;

/** Branches, secrets and stacks put together by stage; each of them alone makes an entry, too. */
export function joinStages(inventory: Inventory, naming: Naming): StageEntry[] {
  const branches = new Map<string, Branch>();
  for (const branch of known(inventory.branches) ?? []) {
    const stage = stampOf(branch.annotation)?.stage ?? stageOfBranch(branch.name);
    if (stage !== undefined) branches.set(stage, branch);
  }
  const secrets = new Map((known(inventory.secrets) ?? []).map((one) => [one.name, one]));
  const stacks = new Map((known(inventory.stacks) ?? []).map((one) => [one.name, one]));
  const endpoints = new Map(
    (known(inventory.endpoints) ?? [])
      .filter(({ type }) => type === "read_write")
      .map((one) => [one.branchId, one]),
  );
  const secretStages = [...secrets.keys()].flatMap(
    (name) => stageOfSecret(naming.secretPattern, naming.project, name) ?? [],
  );
  const names = new Set([...branches.keys(), ...secretStages, ...stacks.keys()]);
  return [...names].sort().map((stage) => {
    const branch = branches.get(stage);
    const stamp = branch && stampOf(branch.annotation);
    const secret = stamp?.secret ?? secretNameOf(naming.secretPattern, naming.project, stage);
    return {
      stage,
      branch,
      stamp,
      endpoint: branch && endpoints.get(branch.id),
      secret: secrets.get(secret),
      stack: stacks.get(stage),
    };
  });
}

/** Made by `ds deploy up`, or with something that only it makes. A `-local` branch is a developer's own. */
export const isCloudStage = ({ stamp, secret, stack }: StageEntry): boolean =>
  Boolean(stamp || secret || stack);

/** Whether the git branch that a stage was made for is still there. */
export function gitState(
  { stamp }: Pick<StageEntry, "stamp">,
  { git }: Pick<Inventory, "git">,
): "present" | "gone" | "unknown" {
  if (!stamp?.gitBranch || git.state !== "known") return "unknown";
  return git.value.names.has(stamp.gitBranch) ? "present" : "gone";
}

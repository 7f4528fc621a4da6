import { ago } from "../lib/format/ago.ts";
import type { Style } from "../lib/terminal/style.ts";
import { table } from "../lib/terminal/table.ts";
import { gitState, type Inventory, type StageEntry } from "./inventory.ts";
import { describeUnfinished, type Unfinished } from "./unfinished.ts";

export interface ListedStage extends StageEntry {
  unfinished: Unfinished | undefined;
}

/** Every cloud stage, with what each source knows of it. */
export interface StageList {
  inventory: Inventory;
  stages: ListedStage[];
}

export const listSources = ({ branches, secrets, stacks, git }: Inventory) =>
  [
    ["branches", branches],
    ["secrets", secrets],
    ["stacks", stacks],
    ["git branches", git],
  ] as const;

export const listDocument = ({ inventory, stages }: StageList) => ({
  project: { id: inventory.project.id, name: inventory.project.name },
  stages: stages.map((stage) => stageDocument(stage, inventory)),
  sources: Object.fromEntries(
    listSources(inventory).map(([name, source]) => [
      name,
      source.state === "unknown" ? { state: "unknown", why: source.why } : { state: source.state },
    ]),
  ),
});

function stageDocument(listed: ListedStage, inventory: Inventory) {
  const { branch, secret, stack, stamp, endpoint } = listed;
  return {
    stage: listed.stage,
    owner: stamp?.owner ?? null,
    branch: branch
      ? {
          id: branch.id,
          name: branch.name,
          createdAt: branch.createdAt,
          expiresAt: branch.expiresAt ?? null,
          lastActiveAt: endpoint?.lastActiveAt ?? null,
        }
      : null,
    secret: secret ? withNulls(secret) : null,
    stack: stack ? withNulls(stack) : null,
    pullRequest: stamp?.pullRequest ?? null,
    gitBranch: stamp?.gitBranch
      ? { name: stamp.gitBranch, state: gitState(listed, inventory) }
      : null,
    unfinished: listed.unfinished ?? null,
  };
}

/** JSON would leave out what is not known. */
const withNulls = (entry: object) =>
  Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, value ?? null]));

export function listText({ inventory, stages }: StageList, style: Style): string {
  if (stages.length === 0) return "There is no cloud stage. ds deploy up makes one.";
  const now = Date.now();
  const has = (source: { state: string }, there: string | undefined) =>
    there ?? (source.state === "unknown" ? "unknown" : "none");
  const lines = stages.map((listed) => [
    style.bold(listed.stage),
    listed.stamp?.owner ?? "",
    has(inventory.branches, listed.branch?.id),
    listed.branch ? ago(listed.branch.createdAt, now) : "",
    has(inventory.secrets, listed.secret && (listed.secret.deletedAt ? "deleted" : "yes")),
    inventory.stacks.state === "none"
      ? ""
      : has(inventory.stacks, listed.stack && (listed.stack.busy ? "busy" : "yes")),
    listed.stamp?.pullRequest ? `#${listed.stamp.pullRequest}` : "",
    listed.stamp?.gitBranch ? `${listed.stamp.gitBranch} (${gitState(listed, inventory)})` : "",
    listed.unfinished ? style.yellow(describeUnfinished(listed.unfinished)) : "",
  ]);
  const head = ["STAGE", "OWNER", "BRANCH", "CREATED", "SECRET", "STACK", "PR", "GIT BRANCH", ""];
  return table([head.map(style.dim), ...lines]).join("\n");
}

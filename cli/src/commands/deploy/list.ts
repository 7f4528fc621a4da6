import type { AppContext } from "../../app-context.ts";
import {
  gitState,
  type Inventory,
  isCloudStage,
  joinStages,
  type StageEntry,
} from "../../deploy/inventory.ts";
import { takeInventory } from "../../deploy/io/inventory.ts";
import { unfinished } from "../../deploy/io/journal.ts";
import { describeUnfinished, type Unfinished } from "../../deploy/unfinished.ts";
import { ago } from "../../lib/format/ago.ts";
import type { Style } from "../../lib/terminal/style.ts";
import { table } from "../../lib/terminal/table.ts";
import { requireProject } from "../../stages/io/project.ts";

interface Row extends StageEntry {
  unfinished: Unfinished | undefined;
}

/** Every cloud stage, with what each source knows of it. */
export default async function list(context: AppContext): Promise<void> {
  const { output } = context;
  const config = await context.config();
  const project = await requireProject(await context.neon(), config.project, config);
  const inventory = await takeInventory(context, config, project);
  const naming = { secretPattern: config.secrets.name, project: config.project };
  const rows = await Promise.all(
    joinStages(inventory, naming)
      .filter(isCloudStage)
      .map(async (entry) => ({
        ...entry,
        unfinished: await unfinished(context, project.id, entry.stage),
      })),
  );
  for (const [name, source] of sources(inventory)) {
    if (source.state === "unknown") output.warn(`${name} are unknown: ${source.why}`);
  }
  output.result(
    {
      project: { id: project.id, name: project.name },
      stages: rows.map((row) => toJson(row, inventory)),
      sources: Object.fromEntries(
        sources(inventory).map(([name, source]) => [
          name,
          source.state === "unknown"
            ? { state: "unknown", why: source.why }
            : { state: source.state },
        ]),
      ),
    },
    (style) => text(rows, inventory, style),
  );
}

const sources = ({ branches, secrets, stacks, git }: Inventory) =>
  [
    ["branches", branches],
    ["secrets", secrets],
    ["stacks", stacks],
    ["git branches", git],
  ] as const;

function toJson(row: Row, inventory: Inventory) {
  const { branch, secret, stack, stamp, endpoint } = row;
  return {
    stage: row.stage,
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
    gitBranch: stamp?.gitBranch ? { name: stamp.gitBranch, state: gitState(row, inventory) } : null,
    unfinished: row.unfinished ?? null,
  };
}

/** JSON would leave out what is not known. */
const withNulls = (entry: object) =>
  Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, value ?? null]));

function text(rows: Row[], inventory: Inventory, style: Style): string {
  if (rows.length === 0) return "There is no cloud stage. ds deploy up makes one.";
  const now = Date.now();
  const has = (source: { state: string }, there: string | undefined) =>
    there ?? (source.state === "unknown" ? "unknown" : "none");
  const lines = rows.map((row) => [
    style.bold(row.stage),
    row.stamp?.owner ?? "",
    has(inventory.branches, row.branch?.id),
    row.branch ? ago(row.branch.createdAt, now) : "",
    has(inventory.secrets, row.secret && (row.secret.deletedAt ? "deleted" : "yes")),
    inventory.stacks.state === "none"
      ? ""
      : has(inventory.stacks, row.stack && (row.stack.busy ? "busy" : "yes")),
    row.stamp?.pullRequest ? `#${row.stamp.pullRequest}` : "",
    row.stamp?.gitBranch ? `${row.stamp.gitBranch} (${gitState(row, inventory)})` : "",
    row.unfinished ? style.yellow(describeUnfinished(row.unfinished)) : "",
  ]);
  const head = ["STAGE", "OWNER", "BRANCH", "CREATED", "SECRET", "STACK", "PR", "GIT BRANCH", ""];
  return table([head.map(style.dim), ...lines]).join("\n");
}

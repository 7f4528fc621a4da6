import type { HasConfig } from "../../config/project-config.ts";
import { migrationFolder } from "../../migrations/folder/io/read-folder.ts";
import { toRun } from "../../migrations/ledger/compare.ts";
import { inspectMigrations } from "../../migrations/run/io/migrate.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import { defaultBranch } from "../../neon/lookup.ts";
import { withPostgres } from "../../postgres/io/connect.ts";
import type { HasStacks } from "../../pulumi/io/stacks.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasSecrets } from "../../secrets/io/secret-store.ts";
import { secretValue } from "../../secrets/value.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import type { HasEnvFile } from "../../stages/io/env-file.ts";
import { describeTarget } from "../../stages/io/target.ts";
import type { StageWork } from "./stage-work.ts";
import { refuseForeign, refuseForeignSecret, stampFor } from "./up-branch.ts";
import { readUrls } from "./up-secret.ts";
import { stackConfig } from "./up-stack.ts";

/** What `up` would do. */
export interface UpPlan {
  branch: { name: string; action: "create" | "keep"; id: string | undefined };
  /** Names of those that would run. */
  migrations: string[];
  secret: { name: string; action: "create" | "update" | "keep" };
  stack: { name: string; action: "create" | "update" | "keep"; summary: string[] } | undefined;
}

/** Looks, and changes nothing; a sleeping database is woken for it. */
export async function planUp(
  context: Runtime & HasConfig & HasEnvFile & HasDeveloper & HasNeon & HasSecrets & HasStacks,
  work: StageWork,
): Promise<UpPlan> {
  const { config, neon, project, secretName, stage } = work;
  const [branches, endpoints] = await Promise.all([
    neon.listBranches(project.id),
    neon.listEndpoints(project.id),
  ]);
  const branch = branches.find(({ name }) => name === stage.branch);
  await refuseForeignSecret(context, work);
  if (branch) refuseForeign(branch, work, await stampFor(context, work));
  // A new branch will have what main has.
  const source = branch ?? defaultBranch(branches, project);
  const target = await describeTarget(context, {
    stage: { ...stage, branch: source.name, source: "--target", sourceText: "ds deploy" },
    project,
    branches,
    endpoints,
  });
  const urls = await readUrls(context, target);
  const folder = migrationFolder(config, context.cwd);
  const states = await withPostgres(urls.urlUnpooled, { what: `branch ${source.name}` }, (client) =>
    inspectMigrations(client, folder, config.migrations),
  );
  const stored = await (await context.secrets()).get(secretName);
  const parts = { projectId: project.id, branchId: source.id, stage: stage.name };
  const same = branch !== undefined && stored === secretValue({ ...urls, ...parts });
  return {
    branch: { name: stage.branch, action: branch ? "keep" : "create", id: branch?.id },
    migrations: toRun(folder, states).map(({ name }) => name),
    secret: {
      name: secretName,
      action: same ? "keep" : stored === undefined ? "create" : "update",
    },
    stack: await planStack(context, work, branch?.id),
  };
}

async function planStack(
  context: HasStacks,
  work: StageWork,
  branchId: string | undefined,
): Promise<UpPlan["stack"]> {
  const stacks = await context.stacks();
  if (!stacks) return undefined;
  const name = await stacks.fullName(work.stage.name);
  // Without a stack, or a branch to tell it of, there is nothing that Pulumi could preview.
  if (!branchId || !(await stacks.find(work.stage.name))) {
    return { name, action: "create", summary: [] };
  }
  const { changed, summary } = await stacks.preview(work.stage.name, stackConfig(work, branchId));
  return { name, action: changed ? "update" : "keep", summary };
}

import type { HasConfig, ProjectConfig } from "../../config/project-config.ts";
import { migrationFolder } from "../../migrations/folder/io/read-folder.ts";
import { toRun } from "../../migrations/ledger/compare.ts";
import { inspectMigrations } from "../../migrations/ledger/io/inspect.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import { defaultBranch } from "../../neon/lookup.ts";
import { withPostgres } from "../../postgres/io/connect.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasSecrets } from "../../secrets/io/secret-store.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import type { HasEnvFile } from "../../stages/io/env-file.ts";
import { describeTarget } from "../../stages/io/target.ts";
import { type Deployment, stackConfig } from "../deployment.ts";
import type { HasStacks } from "../pulumi/io/stacks.ts";
import { refuseToJoin } from "../refusals.ts";
import type { UpPlan } from "../up-plan.ts";
import { refuseForeignSecret } from "./foreign-secret.ts";
import { stampFor } from "./stamp-of-run.ts";
import { readUrls, stageSecret } from "./up-secret.ts";

/** Looks, and changes nothing; a sleeping database is woken for it. */
export async function planUp(
  context: Runtime & HasConfig & HasEnvFile & HasDeveloper & HasNeon & HasSecrets & HasStacks,
  deployment: Deployment,
): Promise<UpPlan> {
  const { project, secretName, stage } = deployment;
  const [config, neon] = [await context.config(), await context.neon()];
  const [branches, endpoints] = await Promise.all([
    neon.listBranches(project.id),
    neon.listEndpoints(project.id),
  ]);
  const branch = branches.find(({ name }) => name === stage.branch);
  await refuseForeignSecret(context, deployment);
  if (branch) refuseToJoin(stage, branch, config, await stampFor(context, deployment));
  // A new branch will have what main has.
  const source = branch ?? defaultBranch(branches, project);
  const target = await describeTarget(context, {
    stage: { ...stage, branch: source.name, source: "--target", sourceText: "ds deploy" },
    project,
    branches,
    endpoints,
  });
  const urls = await readUrls(context, target);
  const what = `branch ${source.name}`;
  const migrations = await pendingMigrations(context, config, { url: urls.urlUnpooled, what });
  const stored = await (await context.secrets()).get(secretName);
  const wanted = await stageSecret(context, deployment, source, urls);
  const same = branch !== undefined && stored === wanted;
  return {
    branch: { name: stage.branch, action: branch ? "keep" : "create", id: branch?.id },
    ...migrations,
    secret: {
      name: secretName,
      action: same ? "keep" : stored === undefined ? "create" : "update",
    },
    stack: await planStack(context, deployment, branch?.id),
  };
}

/** Of another tool's it is not known which are pending. */
async function pendingMigrations(
  { cwd }: Pick<Runtime, "cwd">,
  config: ProjectConfig,
  { url, what }: { url: string; what: string },
): Promise<Pick<UpPlan, "migrations" | "command">> {
  if (config.migrator.kind === "command") {
    return { migrations: [], command: config.migrator.command };
  }
  if (config.migrator.kind === "none") return { migrations: [] };
  const folder = migrationFolder(config, cwd);
  const states = await withPostgres(url, { what }, (client) =>
    inspectMigrations(client, { folder, ledger: config.migrations }),
  );
  return { migrations: toRun(folder, states).map(({ name }) => name) };
}

async function planStack(
  context: HasStacks,
  deployment: Deployment,
  branchId: string | undefined,
): Promise<UpPlan["stack"]> {
  const stacks = await context.stacks();
  if (!stacks) return undefined;
  const { stage } = deployment;
  const name = await stacks.fullName(stage.name);
  // Without a stack, or a branch to tell it of, there is nothing that Pulumi could preview.
  if (!branchId || !(await stacks.find(stage.name))) {
    return { name, action: "create", summary: [] };
  }
  const { changed, summary } = await stacks.preview(stage.name, stackConfig(deployment, branchId));
  return { name, action: changed ? "update" : "keep", summary };
}

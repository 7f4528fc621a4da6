import type { HasConfig, ProjectConfig } from "../../config/project-config.ts";
import { ensureExtensions, restartForExtensions } from "../../engine/extensions/io/ensure.ts";
import type { HasEngine } from "../../engine/io/daemon.ts";
import type { HasGit } from "../../lib/git/io/git.ts";
import { applyMigrations } from "../../migrations/run/io/apply.ts";
import type { MigrationReport } from "../../migrations/run/report.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import type { HasConfirm } from "../../runtime/io/confirm.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { localSourceText } from "../../stages/current-stage.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import type { HasEnvFile } from "../../stages/io/env-file.ts";
import { refuseCopy, thisCheckout } from "../../stages/io/local-stage.ts";
import { joinProject } from "../../stages/io/project.ts";
import { describeTarget, type Target } from "../../stages/io/target.ts";
import type { BoundProject } from "../../stages/project-binding.ts";
import { branchOfStage, stageNamed } from "../../stages/stage.ts";
import { type EnsuredBranch, ensureBranch } from "./ensure-branch.ts";
import { followBranch } from "./follow-branch.ts";
import { checkIgnorable, ignoreEnvFile } from "./ignore-env-file.ts";
import { lookForMigrations } from "./look-for-migrations.ts";
import { ownProject } from "./own-project.ts";
import { claimOwnStage } from "./own-stage.ts";
import { sizedSeed } from "./seed.ts";
import { writeEnvFile } from "./write-env-file.ts";

export interface SetupReport {
  developer: string;
  /** Name of the linked worktree that this checkout is. */
  worktree: string | undefined;
  project: BoundProject & { created: boolean };
  target: Target;
  branchCreated: boolean;
  /** Names of the extensions that were added to the local engine's Postgres. */
  extensions: string[];
  /** Of the branch, direct, with its password. */
  url: string;
  envFile: { path: string; changed: boolean };
  /** The .gitignore that got a line for the env file. */
  gitignore: string | undefined;
  migrations: MigrationReport;
  changed: boolean;
}

type Needs = Runtime &
  HasConfig &
  HasConfirm &
  HasEnvFile &
  HasDeveloper &
  HasGit &
  HasNeon &
  HasEngine;

interface Wishes {
  developer: string | undefined;
  seedSize: string | undefined;
  /** Id of the project to work with, whosever it was before. */
  project: string | undefined;
  /** Branch or stage that the new branch forks from, instead of main. */
  from: string | undefined;
}

/** Makes this checkout ready. Each part looks first, so doing it again changes nothing. */
export async function setUp(context: Needs, wishes: Wishes): Promise<SetupReport> {
  const { output } = context;
  const config = await context.config();
  const developer = await context.developer(wishes.developer);
  const seed = sizedSeed(config.seed, wishes.seedSize, "--seed-size");
  const { worktree } = await refusingCopy(context);
  await checkPrerequisites(context, config);

  if (wishes.project !== undefined) {
    const joined = await joinProject(context, wishes.project);
    output.detail(`bound to the project ${joined.name} (${joined.id})`);
  }
  const neon = await context.neon();
  const added = neon.local ? await ensureExtensions(context, config.extensions) : [];
  const project = await ownProject(context, {
    project: config.project,
    branch: "main",
    seed,
    data: "staging data",
    command: "ds setup",
  });
  if (wishes.seedSize && !project.created) {
    output.note(`${config.project} has its data already; --seed-size is not used`);
  }
  const { name, made } = await makeOwnBranch(context, project, developer.name, wishes.from);
  const sourceText = localSourceText({ name, developer, worktree });
  const stage = { ...stageNamed(name, config), source: "developer" as const, sourceText };
  output.detail(`stage ${name}, from ${sourceText}`);
  const target = await describeTarget(context, { ...made, stage, project });
  const gitignore = await ignoreEnvFile(context);
  const { url, envFile } = await writeEnvFile(context, target);

  if (neon.local) await restartForExtensions(context, config.extensions, target.branch);
  const what = `branch ${target.branch.name}`;
  const migrations = await applyMigrations(context, config, { url, what, shared: false });
  warnOfOtherStage(context, config, name);
  if (config.git.follow === "branch") await followGit(context);
  return {
    developer: developer.name,
    worktree: worktree?.name,
    project,
    target,
    branchCreated: made.created,
    extensions: added,
    url,
    envFile,
    gitignore,
    migrations,
    changed:
      project.created ||
      made.created ||
      envFile.changed ||
      added.length > 0 ||
      gitignore !== undefined ||
      migrations.applied.length > 0,
  };
}

/** The git branch that is checked out may have had another database branch here before. */
async function followGit(context: Needs): Promise<void> {
  const followed = await followBranch(context);
  if (followed?.changed !== true) return;
  context.output.note(
    `The database follows the git branch ${followed.gitBranch}: stage ${followed.stage}`,
  );
}

async function makeOwnBranch(
  context: Needs,
  project: BoundProject,
  developer: string,
  from: string | undefined,
): Promise<{ name: string; made: EnsuredBranch }> {
  const { output } = context;
  const neon = await context.neon();
  for (let branches = await neon.listBranches(project.id); ; ) {
    const own = await claimOwnStage(context, developer, branches);
    const wanted = { name: branchOfStage(own.name), note: own.note, from };
    const made = await ensureBranch(output, neon, project, wanted);
    branches = made.branches;
    if (own.isOthers(branches)) continue;
    if (from !== undefined && !made.created) {
      output.note(`${wanted.name} is there already; --from is not used`);
    }
    return { name: own.name, made };
  }
}

async function refusingCopy(context: HasConfig) {
  const checkout = await thisCheckout(context);
  refuseCopy(checkout);
  return checkout;
}

/** Everything that can be refused is refused here, before anything has been made. */
async function checkPrerequisites(context: Needs, config: ProjectConfig): Promise<void> {
  const envFile = await context.envFile();
  await envFile.checkWritable();
  lookForMigrations(context, config);
  await checkIgnorable(context);
}

function warnOfOtherStage({ env, output }: Runtime, config: ProjectConfig, name: string): void {
  const other = env[config.stageVariable];
  if (!other || other === name) return;
  output.warn(
    `${config.stageVariable}=${other} in this shell wins over the env file: commands use the stage ${other}`,
  );
}

import type { AppContext } from "../app-context.ts";
import type { ProjectConfig } from "../config/project-config.ts";
import { plural } from "../lib/format/plural.ts";
import { shownPath } from "../lib/format/shown-path.ts";
import { migrationFolder } from "../migrations/folder/io/read-folder.ts";
import { migrate } from "../migrations/run/io/migrate.ts";
import { migrationRun } from "../migrations/run/io/migration-run.ts";
import { withoutPassword } from "../postgres/connection-url.ts";
import { loadPostgres } from "../postgres/io/connect.ts";
import { ensureBranch } from "../setup/io/ensure-branch.ts";
import { ensureProject } from "../setup/io/ensure-project.ts";
import { sizedSeed } from "../setup/io/seed.ts";
import { describeTarget } from "../stages/io/target.ts";
import { rememberDeveloper } from "../stages/io/user-settings.ts";
import { localStageName, stageNamed } from "../stages/stage.ts";

interface Flags {
  developer: string | undefined;
  seedSize: string | undefined;
}

/** Makes this checkout ready. Each part looks first, so running it again changes nothing. */
export default async function setup(context: AppContext, flags: Flags): Promise<void> {
  const { output } = context;
  const config = await context.config();
  const developer = await context.developer(flags.developer);
  const envFile = await context.envFile();
  const shown = shownPath(envFile.path, context.cwd);
  const seed = sizedSeed(config.seed, flags.seedSize, "--seed-size");
  await checkPrerequisites(context, config);

  const name = localStageName(developer.name);
  const stage = {
    ...stageNamed(name, config),
    source: "developer" as const,
    sourceText: `the developer name ${developer.name} (${developer.source})`,
  };
  output.detail(`stage ${name}, from ${stage.sourceText}`);

  const neon = await context.neon();
  const project = await ensureProject(context, neon, config, {
    project: config.project,
    branch: "main",
    seed,
    data: "staging data",
    command: "ds setup",
  });
  if (flags.seedSize && !project.created) {
    output.note(`${config.project} has its data already; --seed-size is not used`);
  }
  const made = await ensureBranch(output, neon, project, stage.branch ?? name);
  const target = await describeTarget(context, neon, stage, project, made.branches, made.endpoints);

  const [url, unpooledUrl] = await Promise.all([
    target.connectionUrl({ pooled: true }),
    target.connectionUrl(),
    loadPostgres(),
  ]);
  const values = {
    [config.envFile.url]: url,
    [config.envFile.unpooledUrl]: unpooledUrl,
    [config.stageVariable]: name,
  };
  const envChanged = await envFile.set(values);
  if (envChanged) output.done(`Wrote ${Object.keys(values).join(", ")} to ${shown}`);
  await rememberDeveloper(context, config.root, developer.name);

  const what = `branch ${target.branch.name}`;
  const report = await migrate(
    migrationRun(context, config, { url: unpooledUrl, what, shared: false }),
  );
  warnOfOtherStage(context, config, name);

  const changed = project.created || made.created || envChanged || report.applied.length > 0;
  output.result(
    {
      stage: name,
      developer: developer.name,
      project: { id: project.id, name: project.name, created: project.created },
      branch: { id: target.branch.id, name: target.branch.name, created: made.created },
      endpoint: target.endpoint ? { id: target.endpoint.id, host: target.endpoint.host } : null,
      envFile: { path: shown, changed: envChanged },
      migrations: { applied: report.applied, warnings: report.warnings },
      changed,
    },
    (style) =>
      [
        `${style.green("✓")} ${style.bold(target.branch.name)} of ${project.name} is ${changed ? "ready" : "ready; nothing had to change"}.`,
        `  ${withoutPassword(unpooledUrl)}`,
        `  ${shown} holds the connection string, with its password, as ${config.envFile.url}.`,
        "",
        "Next:",
        "  ds db status          what this branch is, and how it stands",
        "  ds db migrate         apply new migrations to it",
        "  ds db reset           make it equal to main again",
        ...(config.processes.backend ? ["  ds local run backend  start the backend on it"] : []),
      ].join("\n"),
  );
}

/** Everything that can be refused is refused here, before anything has been made. */
async function checkPrerequisites(context: AppContext, config: ProjectConfig): Promise<void> {
  const envFile = await context.envFile();
  await envFile.checkWritable();
  const { migrations } = migrationFolder(config, context.cwd);
  context.output.detail(
    `${plural(migrations.length, "migration")} in ${shownPath(config.migrations.folder, context.cwd)}`,
  );
  if (await (await context.git()).wouldTrack(envFile.path)) {
    const shown = shownPath(envFile.path, context.cwd);
    context.output.warn(
      `git does not ignore ${shown}, which is about to hold a password; add it to .gitignore`,
    );
  }
}

function warnOfOtherStage({ env, output }: AppContext, config: ProjectConfig, name: string): void {
  const other = env[config.stageVariable];
  if (!other || other === name) return;
  output.warn(
    `${config.stageVariable}=${other} in this shell wins over the env file: commands use the stage ${other}`,
  );
}

import type { AppContext } from "../app-context.ts";
import { withoutPassword } from "../postgres/connection-url.ts";
import { setUp } from "../setup/io/setup.ts";
import { migrateHints } from "../setup/migrate-hints.ts";

interface Flags {
  developer: string | undefined;
  seedSize: string | undefined;
  project: string | undefined;
  from: string | undefined;
}

/** Makes this checkout ready. Each part looks first, so running it again changes nothing. */
export default async function setup(context: AppContext, flags: Flags): Promise<void> {
  const config = await context.config();
  const report = await setUp(context, flags);
  const { project, target, envFile, migrations, changed } = report;
  const { branch, endpoint } = target;
  context.output.result(
    {
      stage: target.stage.name,
      developer: report.developer,
      worktree: report.worktree ?? null,
      project: {
        id: project.id,
        name: project.name,
        created: project.created,
        binding: project.binding,
      },
      branch: { id: branch.id, name: branch.name, created: report.branchCreated },
      endpoint: endpoint ? { id: endpoint.id, host: endpoint.host } : null,
      extensions: report.extensions,
      envFile,
      gitignore: report.gitignore ?? null,
      migrations: {
        status: migrations.status,
        applied: migrations.applied,
        warnings: migrations.warnings,
        command: migrations.command ?? null,
      },
      changed,
    },
    (style) =>
      [
        `${style.green("✓")} ${style.bold(branch.name)} of ${project.name} is ${changed ? "ready" : "ready; nothing had to change"}.`,
        `  ${withoutPassword(report.url)}`,
        `  ${envFile.path} holds the connection string, with its password, as ${config.envFile.url}.`,
        "",
        "Next:",
        "  ds db status          what this branch is, and how it stands",
        ...migrateHints(config.migrator, migrations.status),
        "  ds db reset           make it equal to main again",
        ...(config.processes.backend ? ["  ds local run backend  start the backend on it"] : []),
      ].join("\n"),
  );
}

import type { HasConfig } from "../../config/project-config.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import type { HasTarget } from "../../stages/io/target.ts";
import { chosenProcesses } from "../chosen.ts";
import { checkMigrations } from "./check-migrations.ts";
import { runProcesses } from "./run-processes.ts";
import { withOwnPorts } from "./worktree-ports.ts";

export interface RunOptions {
  /** The stage; undefined: the current one. */
  target: string | undefined;
  /** Pending migrations are applied; otherwise there is a warning of them. */
  migrate: boolean;
}

/** Runs the named one of the configured processes, or all, on a stage's database until they end. */
export async function runOnStage(
  context: Runtime & HasConfig & HasDeveloper & HasTarget,
  name: string | undefined,
  { target: wanted, migrate }: RunOptions,
): Promise<void> {
  const loaded = await context.config();
  const config = { ...loaded, processes: await withOwnPorts(context) };
  const names = chosenProcesses(config, name);
  const target = await context.target(wanted);
  const { stage, branch } = target;
  const url = await target.connectionUrl();
  context.output.note(`stage ${stage.name}, branch ${branch.name} (${branch.id})`);
  for (const name of names) {
    const port = config.processes[name]?.port;
    if (port !== loaded.processes[name]?.port) {
      context.output.note(`${name}: port ${port}, as this is a worktree of its own`);
    }
  }
  await checkMigrations(context, target, url, migrate);

  // What the children get on top of our own environment; it is written nowhere else.
  await runProcesses(context, config, names, {
    ...context.env,
    [config.envFile.url]: url,
    [config.envFile.unpooledUrl]: url,
    [config.stageVariable]: stage.name,
  });
}

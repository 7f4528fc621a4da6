import type { HasConfig } from "../../config/project-config.ts";
import type { HasEngine } from "../../engine/io/daemon.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { stageNamed } from "../../stages/stage.ts";
import { ensureProject } from "./ensure-project.ts";

/**
 * Makes the project of a stage that has a seed, as a stand-in for one that only the cloud has: on the
 * local engine, when it is not there. Does nothing otherwise.
 */
export async function ensureSeededStage(
  context: Runtime & HasConfig & HasNeon & HasEngine,
  name: string,
  command: string,
): Promise<void> {
  const config = await context.config();
  const seed = Object.hasOwn(config.stages, name) ? config.stages[name]?.seed : undefined;
  const neon = await context.neon();
  if (!seed || !neon.local) return;
  const { project, branch = "main" } = stageNamed(name, config);
  await ensureProject(context, neon, config, {
    project,
    branch,
    seed,
    data: `data of ${name}`,
    command,
  });
}

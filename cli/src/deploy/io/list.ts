import type { HasConfig } from "../../config/project-config.ts";
import type { HasGit } from "../../lib/git/io/git.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasSecrets } from "../../secrets/io/secret-store.ts";
import { requireProject } from "../../stages/io/project.ts";
import { isCloudStage, joinStages } from "../inventory.ts";
import { listSources, type StageList } from "../list-report.ts";
import type { HasStacks } from "../pulumi/io/stacks.ts";
import { takeInventory } from "./inventory.ts";
import { unfinished } from "./journal.ts";

/** Asks every source for what it has of cloud stages, and warns of those that do not answer. */
export async function listStages(
  context: Pick<Runtime, "env" | "home" | "output" | "signal"> &
    HasConfig &
    HasGit &
    HasNeon &
    HasSecrets &
    HasStacks,
): Promise<StageList> {
  const config = await context.config();
  const project = await requireProject(context, config.project);
  const inventory = await takeInventory(context, config, project);
  const naming = { secretPattern: config.secrets.name, project: config.project };
  const stages = await Promise.all(
    joinStages(inventory, naming)
      .filter(isCloudStage)
      .map(async (entry) => ({
        ...entry,
        unfinished: await unfinished(context, { projectId: project.id, stage: entry.stage }),
      })),
  );
  for (const [name, source] of listSources(inventory)) {
    if (source.state === "unknown") context.output.warn(`${name} are unknown: ${source.why}`);
  }
  return { inventory, stages };
}

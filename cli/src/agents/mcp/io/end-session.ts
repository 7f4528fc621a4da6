import { parseDuration } from "../../../lib/format/duration.ts";
import type { Branch } from "../../../neon/model.ts";
import { requireProject } from "../../../stages/io/project.ts";
import { endsWithSession } from "../access.ts";
import type { McpServices } from "./services.ts";

/** Who goes on with a session, or wants to look at what it tried, has this long. */
const graceMs = parseDuration("1h");

/**
 * An agent's session is over: branches of the tool `branch` that were given no time of their own end within the hour.
 * Nothing is deleted at once, and what the session has asked to keep for longer stays.
 *
 * @returns those whose end was changed
 */
export async function endSession(services: McpServices): Promise<Branch[]> {
  const [config, stage, neon] = [
    await services.config(),
    await services.stage(),
    await services.neon(),
  ];
  const project = await requireProject(services, config.project);
  const expiresAt = new Date(Date.now() + graceMs).toISOString();
  const ending = (await neon.listBranches(project.id)).filter((branch) =>
    endsWithSession(branch, stage.name, expiresAt),
  );
  const ended: Branch[] = [];
  for (const { id, name } of ending) {
    const change = { done: `${name} ends within the hour`, unclear: `${name} may end in an hour` };
    ended.push(
      await services.output.changes.during(change, () =>
        neon.updateBranch(project.id, id, { expiresAt }),
      ),
    );
  }
  return ended;
}

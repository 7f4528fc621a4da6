import { join } from "node:path";
import { projectKey } from "../../neon/project-key.ts";
import { homeFolder } from "../../runtime/io/home-folder.ts";
import { withLock } from "../../runtime/io/lock-file.ts";
import { findProject } from "../../stages/io/project.ts";
import type { BoundProject } from "../../stages/project-binding.ts";
import { buildProject, type NewProject, type ProjectBuilder } from "./build-project.ts";
import { removeUnfinished } from "./unfinished.ts";

const longestSetup = 30 * 60_000;

/**
 * The project, made with main, migrations and data when it is not there.
 *
 * It is built under a temporary name and renamed when it is complete, so a set-up that was killed is
 * never taken for a finished one. The temporary name is written down first: the next set-up deletes
 * that project, and no other machine's.
 */
export async function ensureProject(
  context: ProjectBuilder,
  wanted: NewProject,
): Promise<BoundProject & { created: boolean }> {
  const neon = await context.neon();
  const found = await findProject(context, wanted.project);
  if (found) return { ...found, created: false };
  const key = projectKey(neon.url, wanted.project);
  const lock = {
    home: context.home,
    name: `setup-${key}`,
    signal: context.signal,
    waitMs: longestSetup,
    onWait: (pid: number) =>
      context.output.note(
        `another ${wanted.command} (pid ${pid}) is making the project ${wanted.project}; waiting for it`,
      ),
  };
  return await withLock(lock, async () => {
    const made = await findProject(context, wanted.project);
    if (made) return { ...made, created: false };
    const { refuseOtherLedger } = await import("../../config/io/ledger-agreement.ts");
    await refuseOtherLedger(context, await context.config(), true);
    const journal = join(await homeFolder(context.home, "setting-up"), key);
    await removeUnfinished(neon, journal);
    return { ...(await buildProject(context, wanted, journal)), created: true };
  });
}

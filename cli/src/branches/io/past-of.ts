import type { HasEngine } from "../../engine/io/daemon.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import { outsideHistory } from "../../neon/outside-history.ts";
import { describeMoment, type PointInTime } from "../../neon/point-in-time.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Target } from "../../stages/io/target.ts";
import type { SideTarget } from "./diff-rows.ts";
import { removeOrphanedBranches, withEphemeralBranch } from "./ephemeral.ts";

/** The branch as it was at a moment, for as long as the work takes; a copy that a killed run leaves expires. */
export async function withPast<T>(
  context: Runtime & HasNeon & HasEngine,
  target: Target,
  at: PointInTime,
  work: (past: SideTarget) => Promise<T>,
): Promise<T> {
  const { branch, project, loopback, login } = target;
  await removeOrphanedBranches(context, target);
  let isMade = false;
  try {
    return await withEphemeralBranch(
      context,
      target,
      "past",
      ({ id, url }) => {
        isMade = true;
        const name = `${branch.name} at ${describeMoment(at, new Date())}`;
        const past = { ...branch, id, name };
        return work({ project, branch: past, loopback, login, connectionUrl: async () => url });
      },
      at,
    );
  } catch (error) {
    throw isMade ? error : outsideHistory(error, at);
  }
}

import { isRefreshing } from "../../../branches/ephemeral-name.ts";
import { runIsOver } from "../../../branches/io/ephemeral.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { ago } from "../../../lib/format/ago.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import type { Branch } from "../../../neon/model.ts";
import { projectKey } from "../../../neon/project-key.ts";
import { withLock } from "../../../runtime/io/lock-file.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Target } from "../../../stages/io/target.ts";

/** Runs the work while no other refresh of this main runs: of this home, or as far as branches tell. */
export async function withRefreshLock<T>(
  context: Pick<Runtime, "home" | "signal"> & HasNeon,
  main: Target,
  work: () => Promise<T>,
): Promise<T> {
  const { url } = await context.neon();
  const lock = {
    home: context.home,
    name: `refresh-${projectKey(url, main.project.id)}`,
    signal: context.signal,
    waitMs: 0,
    onWait: () => {},
    holder: "another ds db refresh-staging",
  };
  return withLock(lock, async () => {
    const others = refreshingElsewhere(context.home, main.branches);
    if (others.length > 0) throw busy(others);
    return work();
  });
}

/** Branches on which somebody builds a new main right now; what a killed run has left is not among them. */
const refreshingElsewhere = (home: string, branches: readonly Branch[]): Branch[] =>
  branches.filter(({ name }) => isRefreshing(name) && !runIsOver(home, name));

/**
 * After the own scratch branch was made: of two that were made at the same time the earlier one goes on.
 *
 * @param own name of the own scratch branch
 */
export function refuseLater(home: string, branches: readonly Branch[], own: string): void {
  const order = ({ createdAt, id }: Branch) => `${createdAt} ${id}`;
  const running = refreshingElsewhere(home, branches).sort((a, b) =>
    order(a) < order(b) ? -1 : 1,
  );
  if (running[0] !== undefined && running[0].name !== own) {
    throw busy(running.filter(({ name }) => name !== own));
  }
}

function busy(others: readonly Branch[]): DsError {
  const shown = others
    .map(({ name, createdAt, createdBy }) => {
      const by = createdBy ? ` by ${createdBy}` : "";
      return `${name}, made ${ago(createdAt, Date.now())}${by}`;
    })
    .join("; ");
  return new DsError("LOCKED", `somebody else is refreshing it right now, on the branch ${shown}`, {
    reason: "REFRESH_RUNNING",
    hint: `Wait for it to end. If that machine is gone, delete the branch: ds db delete ${others[0]?.name}`,
    details: { branches: others.map(({ name }) => name) },
  });
}

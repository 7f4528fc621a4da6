import type { EphemeralPurpose } from "../../../branches/ephemeral-name.ts";
import { type EphemeralBranch, makeEphemeralBranch } from "../../../branches/io/ephemeral.ts";
import { uninterruptedApi } from "../../../branches/io/restore-keeping.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Target } from "../../../stages/io/target.ts";

/** How long a copy stays when nobody works with it any more: one of them holds what is not masked. */
const life = 3_600_000;

/**
 * An ephemeral branch for work that may take as long as it likes: while this process lives, the branch's
 * end is put off again and again.
 *
 * @param lifeMs how long it outlives this process
 */
export async function createLeasedBranch(
  context: Runtime & HasEngine,
  target: Pick<Target, "project" | "branch" | "login">,
  purpose: EphemeralPurpose,
  lifeMs = life,
): Promise<EphemeralBranch & { remove(): Promise<void> }> {
  const copy = await makeEphemeralBranch(context, target, purpose, { longestLife: lifeMs });
  const api = uninterruptedApi(context);
  const putOff = async () => {
    const expiresAt = new Date(Date.now() + lifeMs).toISOString();
    await (await api()).updateBranch(target.project.id, copy.id, { expiresAt });
  };
  const timer = setInterval(() => {
    // There are more turns before it ends, and where nothing helps the work fails by itself.
    putOff().catch((error: Error) => context.output.detail(`${copy.name}: ${error.message}`));
  }, lifeMs / 6);
  timer.unref();
  const remove = async () => {
    clearInterval(timer);
    await copy.remove();
  };
  return { ...copy, remove };
}

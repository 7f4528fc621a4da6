import { removeOrphanedBranches } from "../../../branches/io/ephemeral.ts";
import { parseRecoveryPoint } from "../../../branches/recovery-point.ts";
import { ago } from "../../../lib/format/ago.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Target } from "../../../stages/io/target.ts";
import type { RefreshJob } from "./job.ts";
import type { Journal, JournalEntry } from "./journal.ts";

/**
 * What a run that was killed has left, and what has become of main since. The API may still be making
 * a branch that the killed run asked for: what is returned looks for such once more, when time has gone by.
 */
export async function cleanUp(
  context: Pick<Runtime, "home" | "output"> & HasNeon,
  { main, source }: RefreshJob,
  journal: Journal,
): Promise<() => Promise<void>> {
  const last = await journal.read();
  if (last !== undefined) context.output.note(outcomeOf(last, main));
  await removeOrphanedBranches(context, main);
  if (source.branch !== undefined) await removeOrphanedBranches(context, source.branch);
  const removeIn = async (projects: readonly string[]) => {
    const api = await context.neon();
    for (const id of projects) {
      const branches = await api.listBranches(id).catch(() => []);
      await removeOrphanedBranches(context, { project: { ...main.project, id }, branches });
    }
  };
  const known = [main.project.id, source.branch?.project.id];
  const concerned = last?.projects ?? [];
  await removeIn(concerned.filter((project) => !known.includes(project)));
  await journal.end();
  return () => removeIn(concerned);
}

function outcomeOf(
  { pid, startedAt, phase, phaseAt }: JournalEntry,
  { branch, branches }: Target,
): string {
  const run = `The refresh of ${ago(startedAt, Date.now())} (pid ${pid}) was killed`;
  const old = branches.find(({ name }) => {
    const point = parseRecoveryPoint(branch.name, name);
    return point?.kind === "refresh" && point.at.getTime() >= Date.parse(phaseAt);
  });
  return phase === "swap" && old !== undefined
    ? `${run} just after it had replaced ${branch.name}; the old state is ${old.name}.`
    : `${run} before it replaced ${branch.name}, which is untouched.`;
}

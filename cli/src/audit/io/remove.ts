import { openJournal } from "../../deploy/io/journal.ts";
import { stageLock } from "../../deploy/io/stage-lock.ts";
import { DsError } from "../../errors/ds-error.ts";
import { withLock } from "../../runtime/io/lock-file.ts";
import { since } from "../changes.ts";
import type { Removal } from "../outcome.ts";
import { type RemovalStep, removalOf } from "../removal.ts";
import type { Judged } from "../verdict.ts";
import type { AuditContext } from "./audit-context.ts";
import type { Audit } from "./open-audit.ts";
import { removeStep } from "./remove-step.ts";

/** An audit that works on the same row is done sooner; a `ds deploy` may take minutes. */
const longestWaitMs = 3_000;

/**
 * Deletes a row as it was shown. While no `ds deploy` works on its stage, everything is read and judged
 * anew; what came alive in between stays.
 */
export async function removeRow(
  context: AuditContext,
  audit: Audit,
  before: Judged,
  onStep: (text: string) => void,
): Promise<Removal> {
  const { id, name, stage } = before.row;
  const project = await audit.project();
  const lock = {
    home: context.home,
    name: stageLock(project, stage ?? id),
    signal: context.signal,
    waitMs: longestWaitMs,
    onWait: () => onStep("another ds is at work on it; waiting"),
  };
  return withLock(lock, async () => {
    onStep("looking at it again");
    const sources = await audit.read({ signal: context.signal });
    if (sources.branches.state === "unknown") {
      throw new DsError("UPSTREAM", `${name} is not deleted: ${sources.branches.why}`);
    }
    const now = Date.now();
    const found = since(before, audit.judge(sources, now), now);
    if (found.is === "gone") return { is: "gone", id, name };
    const steps: RemovalStep[] = [];
    if (found.is === "changed") return { is: "changed", id, name, changes: found.changes, steps };
    for (const step of removalOf(found.judged)) {
      onStep(`deleting the ${step.what} ${step.name}`);
      const stays = await removeStep(context, audit.config, found.judged, step);
      if (stays !== undefined) return { is: "changed", id, name, changes: [stays], steps };
      steps.push(step);
    }
    // What an earlier `ds deploy` had left to say of the stage is of no use any more.
    if (stage) {
      const key = { projectId: project.id, stage };
      await (await openJournal(context, key, "down")).close();
    }
    return { is: "deleted", id, name, steps };
  });
}

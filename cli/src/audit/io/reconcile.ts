import { DsError } from "../../errors/ds-error.ts";
import { toDsError } from "../../errors/to-ds-error.ts";
import { plural } from "../../lib/format/plural.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { removalSentence } from "../outcome.ts";
import { failedOnes, type Reconciliation, reconcileDocument } from "../reconcile-report.ts";
import { rowDocument } from "../report.ts";
import { failures, sourceWords } from "../sources.ts";
import { isCertain, type Judged, reasonOf } from "../verdict.ts";
import type { AuditContext } from "./audit-context.ts";
import { type Audit, openAudit } from "./open-audit.ts";
import { removeRow } from "./remove.ts";

interface Flags {
  dryRun: boolean;
  yes: boolean;
}

/** Deletes what is stale beyond doubt, one after the other; for a job that nobody watches. */
export async function reconcile(context: AuditContext, flags: Flags): Promise<Reconciliation> {
  const { output, signal } = context;
  const audit = await openAudit(context);
  const done: Reconciliation = {
    stale: await findStale(audit),
    dryRun: flags.dryRun,
    removals: [],
    left: [],
  };
  if (done.stale.length === 0) return done;
  for (const judged of done.stale) output.note(`${judged.row.name}: ${reasonOf(judged)}`);
  if (flags.dryRun) return done;
  await context.confirm({
    message: `Delete ${plural(done.stale.length, "stale row")} with all that belongs to them, for good?`,
    yes: flags.yes,
    command: "ds db audit --reconcile --yes",
  });
  for (const judged of done.stale) {
    if (signal.aborted) break;
    await removeOne(context, audit, judged, done);
  }
  failUnlessDone(context, done);
  return done;
}

async function findStale(audit: Audit): Promise<Judged[]> {
  const sources = await audit.read();
  const stale = audit.judge(sources, Date.now()).filter(isCertain);
  const [failed] = failures(sources);
  if (!failed) return stale;
  // What one source would have said may be what keeps a branch alive.
  throw new DsError(
    "UPSTREAM",
    `nothing is deleted: the ${sourceWords[failed.source]} cannot be read: ${failed.why}`,
    {
      reason: "SOURCE_UNKNOWN",
      details: { source: failed.source, report: { stale: stale.map(rowDocument) } },
    },
  );
}

async function removeOne(
  context: AuditContext,
  audit: Audit,
  judged: Judged,
  { removals, left }: Pick<Reconciliation, "removals" | "left">,
): Promise<void> {
  const { id, name } = judged.row;
  try {
    const removal = await context.output.step(`Deleting ${name}`, async (step) => {
      const came = await removeRow(context, audit, judged, step.update);
      step.finish(removalSentence(came));
      return came;
    });
    removals.push(removal);
  } catch (error) {
    const { code, message } = toDsError(error);
    left.push({ id, name, code, message });
  }
}

function failUnlessDone({ signal }: Pick<Runtime, "signal">, done: Reconciliation): void {
  const details = { report: reconcileDocument(done) };
  if (signal.aborted) throw new DsError("INTERRUPTED", "stopped", { details });
  const [first, ...others] = failedOnes(done);
  if (!first) return;
  const more = others.length > 0 ? `, and ${others.length} more` : "";
  throw new DsError("UPSTREAM", `not deleted: ${first.name}: ${first.message}${more}`, {
    hint: "What is left is found again by the next run.",
    details,
  });
}

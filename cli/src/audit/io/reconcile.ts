import { DsError } from "../../errors/ds-error.ts";
import { toDsError } from "../../errors/to-ds-error.ts";
import { plural } from "../../lib/format/plural.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { type Removal, removalSentence } from "../outcome.ts";
import { removalText } from "../removal.ts";
import { rowDocument } from "../report.ts";
import { failures, sourceWords } from "../sources.ts";
import { isCertain, type Judged, reasonOf } from "../verdict.ts";
import type { AuditContext } from "./audit-context.ts";
import type { Audit } from "./open-audit.ts";
import { removeRow } from "./remove.ts";

interface Flags {
  dryRun: boolean;
  yes: boolean;
}

/** Something that stays: another command is at work on it, or its deletion failed. */
interface Left {
  id: string;
  name: string;
  code: string;
  message: string;
}

/** Deletes what is stale beyond doubt, one after the other; for a job that nobody watches. */
export async function reconcile(context: AuditContext, audit: Audit, flags: Flags): Promise<void> {
  const { output, signal } = context;
  const sources = await audit.read();
  const all = audit.judge(sources, Date.now());
  const stale = all.filter(isCertain);
  const report = { stale: stale.map(rowDocument) };
  const [failed] = failures(sources);
  if (failed) {
    // What one source would have said may be what keeps a branch alive.
    throw new DsError(
      "UPSTREAM",
      `nothing is deleted: the ${sourceWords[failed.source]} cannot be read: ${failed.why}`,
      { details: { report } },
    );
  }
  if (stale.length === 0) {
    return output.result({ ...report, deleted: [], left: [] }, "Nothing is stale beyond doubt.");
  }
  for (const judged of stale) output.note(`${judged.row.name}: ${reasonOf(judged)}`);
  if (flags.dryRun) {
    const lines = stale.map((judged) => `would delete ${removalText(judged)}`);
    return output.result({ ...report, deleted: [], left: [] }, lines.join("\n"));
  }
  await context.confirm({
    message: `Delete ${plural(stale.length, "stale row")} with all that belongs to them, for good?`,
    yes: flags.yes,
    command: "ds db audit --reconcile --yes",
  });
  const removals: Removal[] = [];
  const left: Left[] = [];
  for (const judged of stale) {
    if (signal.aborted) break;
    await removeOne(context, audit, judged, { removals, left });
  }
  finish(context, { report, removals, left });
}

async function removeOne(
  context: AuditContext,
  audit: Audit,
  judged: Judged,
  { removals, left }: { removals: Removal[]; left: Left[] },
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

/** What another command is at work on is no failure; what could not be deleted is. */
function finish(
  { output, signal }: Pick<Runtime, "output" | "signal">,
  { report, removals, left }: { report: object; removals: Removal[]; left: Left[] },
): void {
  const document = { ...report, deleted: removals, left };
  const failed = left.filter(({ code }) => code !== "LOCKED" && code !== "INTERRUPTED");
  const [first] = failed;
  if (signal.aborted)
    throw new DsError("INTERRUPTED", "stopped", { details: { report: document } });
  if (first) {
    const more = failed.length > 1 ? `, and ${failed.length - 1} more` : "";
    throw new DsError("UPSTREAM", `not deleted: ${first.name}: ${first.message}${more}`, {
      hint: "What is left is found again by the next run.",
      details: { report: document },
    });
  }
  const done = removals.filter(({ is }) => is === "deleted").length;
  output.result(
    document,
    [
      `Deleted ${done} of ${plural(removals.length + left.length, "stale row")}.`,
      ...left.map(({ name, message }) => `${name} stays for now: ${message}`),
    ].join("\n"),
  );
}

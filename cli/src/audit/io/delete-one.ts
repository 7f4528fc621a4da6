import { DsError } from "../../errors/ds-error.ts";
import { type Removal, removalDocument, removalSentence } from "../outcome.ts";
import { removalText } from "../removal.ts";
import { rowDocument } from "../report.ts";
import { failures } from "../sources.ts";
import { deletionBlocker, type Judged, reasonOf } from "../verdict.ts";
import type { AuditContext } from "./audit-context.ts";
import { type Audit, openAudit } from "./open-audit.ts";
import { removeRow } from "./remove.ts";

/** Deletes one row by its id, for scripts; what is never offered is refused whatever --yes says. */
export async function deleteOne(
  context: AuditContext,
  { id, yes }: { id: string; yes: boolean },
): Promise<Removal> {
  const { output } = context;
  const audit = await openAudit(context);
  const found = await findRow(audit, id);
  const { name } = found.row;
  const blocker = deletionBlocker(found);
  if (blocker !== undefined) {
    throw new DsError(
      blocker.kind === "unknown" ? "UPSTREAM" : "REFUSED",
      `${name} (${id}) is not deleted: ${blocker.text}`,
      {
        reason: blocker.kind === "unknown" ? "SOURCE_UNKNOWN" : "ROW_KEPT",
        details: { blocker: blocker.kind, row: rowDocument(found) },
      },
    );
  }
  output.note(`${name} is ${found.verdict}: ${reasonOf(found)}`);
  await context.confirm({
    message: `Delete ${removalText(found)}, for good?`,
    yes,
    command: `ds db audit --delete ${id} --yes`,
  });
  const removal = await output.step(`Deleting ${name}`, (step) =>
    removeRow(context, audit, found, step.update),
  );
  if (removal.is === "changed") {
    throw new DsError("CONFLICT", removalSentence(removal), {
      reason: "ROW_CHANGED",
      details: { removal: removalDocument(removal) },
    });
  }
  return removal;
}

async function findRow(audit: Audit, id: string): Promise<Judged> {
  const sources = await audit.read();
  const found = audit.judge(sources, Date.now()).find(({ row }) => row.id === id);
  if (found !== undefined) return found;
  const [failure] = failures(sources);
  if (failure) {
    throw new DsError("UPSTREAM", `nothing is known of ${id}: ${failure.why}`, {
      reason: "SOURCE_UNKNOWN",
      details: { source: failure.source },
    });
  }
  throw new DsError("NOT_FOUND", `there is nothing with the id ${id}`, {
    hint: "See what there is: ds db audit --json",
  });
}

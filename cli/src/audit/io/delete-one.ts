import { DsError } from "../../errors/ds-error.ts";
import { removalSentence } from "../outcome.ts";
import { removalText } from "../removal.ts";
import { rowDocument } from "../report.ts";
import { failures } from "../sources.ts";
import { deletionBlocker, reasonOf } from "../verdict.ts";
import type { AuditContext } from "./audit-context.ts";
import type { Audit } from "./open-audit.ts";
import { removeRow } from "./remove.ts";

/** Deletes one row by its id, for scripts; what is never offered is refused whatever --yes says. */
export async function deleteOne(
  context: AuditContext,
  audit: Audit,
  { id, yes }: { id: string; yes: boolean },
): Promise<void> {
  const { output } = context;
  const sources = await audit.read();
  const found = audit.judge(sources, Date.now()).find(({ row }) => row.id === id);
  if (found === undefined) {
    const [failure] = failures(sources);
    throw failure
      ? new DsError("UPSTREAM", `nothing is known of ${id}: ${failure.why}`)
      : new DsError("NOT_FOUND", `there is nothing with the id ${id}`, {
          hint: "See what there is: ds db audit --json",
        });
  }
  const { name } = found.row;
  const refusal = deletionBlocker(found);
  if (refusal !== undefined) {
    throw new DsError(
      found.verdict === "unknown" ? "UPSTREAM" : "REFUSED",
      `${name} (${id}) is not deleted: ${refusal}`,
      { details: { row: rowDocument(found) } },
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
    throw new DsError("CONFLICT", removalSentence(removal), { details: { removal } });
  }
  output.result({ removal }, `${capital(removalSentence(removal))}.`);
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

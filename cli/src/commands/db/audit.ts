import type { AppContext } from "../../app-context.ts";
import { canDraw } from "../../audit/explorer/capabilities.ts";
import { type Audit, openAudit } from "../../audit/io/open-audit.ts";
import { auditDocument, auditTable } from "../../audit/report.ts";
import { DsError } from "../../errors/ds-error.ts";

interface Flags {
  delete: string | undefined;
  reconcile: boolean;
  dryRun: boolean;
  plain: boolean;
  yes: boolean;
}

/** Branches, stacks, secrets and git branches side by side: what is stale, and why. */
export default async function audit(context: AppContext, flags: Flags): Promise<void> {
  checkFlags(flags);
  const work = await openAudit(context);
  if (flags.delete !== undefined) {
    const { deleteOne } = await import("../../audit/io/delete-one.ts");
    return deleteOne(context, work, { id: flags.delete, yes: flags.yes });
  }
  if (flags.reconcile) {
    const { reconcile } = await import("../../audit/io/reconcile.ts");
    return reconcile(context, work, flags);
  }
  const { interactive, output, env } = context;
  if (interactive && output.isTerminal && !output.json && !flags.plain && canDraw(env)) {
    const { explore } = await import("../../audit/explorer/io/explore.ts");
    const outcomes = await explore(context, work);
    return output.result(
      { outcomes: outcomes.map(({ text }) => text) },
      outcomes.map(({ text }) => text).join("\n"),
    );
  }
  return printAll(context, work);
}

function checkFlags(flags: Flags): void {
  const refuse = (what: string) => {
    throw new DsError("USAGE", what, { hint: "See: ds db audit --help" });
  };
  const { delete: id, reconcile, dryRun, plain, yes } = flags;
  if (id !== undefined && reconcile) refuse("--delete and --reconcile do not go together");
  if (dryRun && !reconcile) refuse("--dry-run is for --reconcile");
  if (plain && (id !== undefined || reconcile)) refuse("--plain is for looking only");
  if (yes && id === undefined && !reconcile) refuse("--yes is for --delete and --reconcile");
  if (id !== undefined && !/^(br-[a-z0-9-]+|stage:[a-z0-9-]+)$/.test(id)) {
    throw new DsError("USAGE", `"${id}" is not the id of a branch`, {
      hint: "Names are not taken here, as they may change hands: ds db audit --json has the ids.",
    });
  }
}

async function printAll({ output }: AppContext, work: Audit): Promise<void> {
  const sources = await work.read();
  const now = Date.now();
  const all = work.judge(sources, now);
  const document = auditDocument(sources, all, now);
  if (sources.branches.state === "unknown") {
    throw new DsError("UPSTREAM", `the branches cannot be read: ${sources.branches.why}`, {
      details: { report: document },
    });
  }
  output.result(document, (style) => auditTable(sources, all, now, style));
}

import type { AppContext } from "../../app-context.ts";
import { canDraw } from "../../audit/explorer/capabilities.ts";
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
  const { env, interactive, output } = context;
  if (flags.delete !== undefined) return deleteById(context, flags.delete, flags.yes);
  if (flags.reconcile) return reconcileAll(context, flags);
  const isWatched = interactive && output.isTerminal && !output.json && !flags.plain;
  return isWatched && canDraw(env) ? exploreAll(context) : printAll(context);
}

async function deleteById(context: AppContext, id: string, yes: boolean): Promise<void> {
  const [{ deleteOne }, { removalSentence }] = await Promise.all([
    import("../../audit/io/delete-one.ts"),
    import("../../audit/outcome.ts"),
  ]);
  const removal = await deleteOne(context, { id, yes });
  const text = removalSentence(removal);
  context.output.result({ removal }, `${text.charAt(0).toUpperCase()}${text.slice(1)}.`);
}

async function reconcileAll(context: AppContext, flags: Flags): Promise<void> {
  const [{ reconcile }, { reconcileDocument, reconcileText }] = await Promise.all([
    import("../../audit/io/reconcile.ts"),
    import("../../audit/reconcile-report.ts"),
  ]);
  const done = await reconcile(context, flags);
  context.output.result(reconcileDocument(done), reconcileText(done));
}

async function exploreAll(context: AppContext): Promise<void> {
  const { explore } = await import("../../audit/explorer/io/explore.ts");
  const texts = (await explore(context)).map(({ text }) => text);
  context.output.result({ outcomes: texts }, texts.join("\n"));
}

async function printAll(context: AppContext): Promise<void> {
  const [{ look }, { auditDocument, auditTable }] = await Promise.all([
    import("../../audit/io/look.ts"),
    import("../../audit/report.ts"),
  ]);
  const looked = await look(context);
  context.output.result(auditDocument(looked), (style) => auditTable(looked, style));
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

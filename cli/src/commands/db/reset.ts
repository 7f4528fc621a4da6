import type { AppContext } from "../../app-context.ts";
import { type RecoveryPoint, verifyBranchIdentity } from "../../branches/io/restore-keeping.ts";
import { refuseBranch, refuseSharedStage } from "../../branches/refusals.ts";
import { refuseOtherLedger } from "../../config/io/ledger-agreement.ts";
import { DsError } from "../../errors/ds-error.ts";
import { ago } from "../../lib/format/ago.ts";
import { formatBytes } from "../../lib/format/bytes.ts";
import { plural } from "../../lib/format/plural.ts";
import { migrate } from "../../migrations/run/io/migrate.ts";
import { type MigrationRun, migrationRun } from "../../migrations/run/io/migration-run.ts";
import { removeOlderPoints, swapBranchData } from "../../restore/io/exchange-data.ts";
import type { Target } from "../../stages/io/target.ts";

interface Flags {
  target?: string;
  yes: boolean;
}

/** Makes a stage's branch equal to main as main is now, keeps its address, applies what is pending. */
export default async function reset(context: AppContext, flags: Flags): Promise<void> {
  const { output, signal } = context;
  const { target, run } = await prepare(context, flags).catch((error) => {
    throw signal.aborted ? interruptedBefore() : error;
  });
  if (signal.aborted) throw interruptedBefore();
  const { stage, branch, main } = target;

  const point = await output.step(`reset ${branch.name} to ${main.name} as it is now`, () =>
    swapBranchData(context, target, {
      source: { sourceBranchId: main.id },
      kind: "reset",
      next: "ds db reset",
      whenDone: "ds db migrate (if it is reset) or ds db reset",
      // Of a reset whose migrations fail nothing is lost, however often it is tried.
      keepOlder: true,
    }),
  );
  const report = await migrate(run).catch((error) => {
    output.warn(`${branch.name} is reset, but not all of its migrations are applied`);
    throw error;
  });
  if (point !== null) await removeOlderPoints(context, target, point.name);

  output.result(
    {
      status: "reset",
      stage: stage.name,
      branch: { id: branch.id, name: branch.name },
      source: { id: main.id, name: main.name },
      recoveryPoint: point,
      migrations: report,
    },
    [
      `${branch.name} is ${main.name} as it is now, with ${plural(report.applied.length, "migration")} applied on top.`,
      "The connection string is the same as before.",
      ...(point ? [kept(point)] : []),
    ].join("\n"),
  );
}

/** Everything that can refuse, from the stage's name to the server's own word; changes nothing. */
async function prepare(
  context: AppContext,
  flags: Flags,
): Promise<{ target: Target; run: MigrationRun }> {
  refuseSharedStage(await context.stage(flags.target));
  const config = await context.config();
  const target = await context.target(flags.target);
  const { stage, branch, main } = target;
  refuseBranch(
    stage,
    branch,
    Object.values(config.stages).flatMap((shared) => shared.branch ?? []),
  );
  // Main may lack migrations, and that is known when the branch is reset already.
  await refuseOtherLedger(context, config, true);
  const url = await target.connectionUrl();
  const what = `branch ${branch.name}`;
  const run = migrationRun(context, config, { url, what, shared: false });
  context.output.note(`stage ${stage.name}, ${what} (${branch.id}), to be reset to ${main.name}`);
  const again = `ds db reset --yes${flags.target === undefined ? "" : ` --target ${flags.target}`}`;
  await context.confirm({ message: question(target), yes: flags.yes, command: again });
  await verifyBranchIdentity(target, url);
  return { target, run };
}

function kept({ name, expiresAt }: RecoveryPoint): string {
  return expiresAt === undefined
    ? `The state before is kept as ${name}, without an end as other branches fork from it.`
    : `The state before is kept as ${name} until the next reset or undo, 24 hours at most.`;
}

function interruptedBefore(): DsError {
  return new DsError("INTERRUPTED", "stopped; nothing was changed");
}

function question({ stage, branch, main }: Target): string {
  const size =
    branch.logicalSizeBytes === undefined ? "" : `, ${formatBytes(branch.logicalSizeBytes)}`;
  const since = ago(branch.lastResetAt ?? branch.createdAt, Date.now());
  return (
    `reset stage ${stage.name} (branch ${branch.name}${size}) to ${main.name} as it is now? ` +
    `What was written to it since it was ${branch.lastResetAt ? "reset" : "created"} (${since}) is lost ` +
    "(a recovery point keeps it until the next reset or undo, 24 hours at most), and its open sessions are dropped."
  );
}

import { ownBranch } from "../../branches/io/own-branch.ts";
import { type RecoveryPoint, verifyBranchIdentity } from "../../branches/io/restore-keeping.ts";
import { makerOf } from "../../branches/made-by.ts";
import { refuseOtherLedger } from "../../config/io/ledger-agreement.ts";
import type { HasConfig } from "../../config/project-config.ts";
import type { HasEngine } from "../../engine/io/daemon.ts";
import { nothingChanged } from "../../errors/nothing-changed.ts";
import { prepareMigrations } from "../../migrations/run/io/apply.ts";
import { migrateCommand, targetWords } from "../../migrations/run/io/target.ts";
import type { MigrationReport } from "../../migrations/run/report.ts";
import type { Branch } from "../../neon/model.ts";
import type { HasConfirm } from "../../runtime/io/confirm.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import type { HasStage, HasTarget, Target } from "../../stages/io/target.ts";
import { keptText } from "../kept-text.ts";
import { resetQuestion } from "../questions.ts";
import { settlePoints, swapBranchData } from "./exchange-data.ts";

export interface ChangeFlags {
  target?: string;
  yes: boolean;
}

type Needs = Runtime & HasConfig & HasDeveloper & HasStage & HasTarget & HasConfirm & HasEngine;

export interface ResetReport {
  target: Target;
  recoveryPoint: RecoveryPoint | null;
  migrations: MigrationReport;
}

/** Makes a stage's branch equal to main as main is now, keeps its address, applies what is pending. */
export async function resetToMain(context: Needs, flags: ChangeFlags): Promise<ResetReport> {
  const { output, signal } = context;
  const { target, apply } = await prepare(context, flags);
  signal.throwIfAborted();
  const { branch, main } = target;
  const keep = (await context.config()).recoveryPoints;

  const point = await output.step(`reset ${branch.name} to ${main.name} as it is now`, () =>
    swapBranchData(context, target, {
      source: { sourceBranchId: main.id },
      becomes: `reset to ${main.name}`,
      kind: "reset",
      keep,
      next: "ds db reset",
      whenDone: "ds db migrate (if it is reset) or ds db reset",
      // Of a reset whose migrations fail nothing is lost, however often it is tried.
      keepOlder: true,
    }),
  );
  const migrations = await apply().catch((error) => {
    if (!signal.aborted) {
      output.warn(`${branch.name} is reset, but not all of its migrations are applied`);
    }
    for (const line of keptText(point)) output.note(line);
    throw error;
  });
  if (point !== null) await settlePoints(context, target, keep);
  return { target, recoveryPoint: point, migrations };
}

/** Main has no role of the agent's, whose command would be locked out in the middle of its work. */
function refuseAgentBranch(branch: Branch): void {
  if (makerOf(branch)?.by !== "agent") return;
  throw nothingChanged("REFUSED", `${branch.name} is an agent's branch, and is not reset`, {
    reason: "AGENT_BRANCH",
    hint: "Bring back its state before the run: ds db undo. Or begin anew: ds agent exec",
  });
}

/** Everything that can refuse, from the stage's name to the server's own word; changes nothing. */
async function prepare(
  context: Needs,
  flags: ChangeFlags,
): Promise<{ target: Target; apply: () => Promise<MigrationReport> }> {
  const target = await ownBranch(context, flags.target, "reset");
  refuseAgentBranch(target.branch);
  const config = await context.config();
  const { stage, branch, main } = target;
  // Main may lack migrations, and that is known when the branch is reset already.
  await refuseOtherLedger(context, config, true);
  const url = await target.connectionUrl();
  const what = `branch ${branch.name}`;
  const database = { url, what, shared: false };
  const apply = prepareMigrations(context, config, database, { command: migrateCommand(flags) });
  context.output.note(`stage ${stage.name}, ${what} (${branch.id}), to be reset to ${main.name}`);
  await context.confirm({
    message: resetQuestion(target, Date.now()),
    yes: flags.yes,
    command: `ds db reset --yes${targetWords(flags)}`,
  });
  await verifyBranchIdentity(target, url);
  return { target, apply };
}

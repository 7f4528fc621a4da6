import { availableParallelism } from "node:os";
import type { EphemeralBranch } from "../../../branches/io/ephemeral.ts";
import { verifyBranchIdentity } from "../../../branches/io/restore-keeping.ts";
import type { HasConfig, ProjectConfig } from "../../../config/project-config.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { toDsError } from "../../../errors/to-ds-error.ts";
import { formatBytes } from "../../../lib/format/bytes.ts";
import { plural } from "../../../lib/format/plural.ts";
import { migrate } from "../../../migrations/run/io/migrate.ts";
import { migrationRun } from "../../../migrations/run/io/migration-run.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import { connectPostgres } from "../../../postgres/io/connect.ts";
import type { HasConfirm } from "../../../runtime/io/confirm.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Target } from "../../../stages/io/target.ts";
import { copyData } from "../../copy/io/copy-data.ts";
import type { SessionValues } from "../../copy/io/sessions.ts";
import { shownName } from "../../model/names.ts";
import type { RunPhase } from "../../model/phases.ts";
import { cleanUp } from "./clean-up.ts";
import type { RefreshJob } from "./job.ts";
import { type Journal, openJournal } from "./journal.ts";
import { createLeasedBranch } from "./lease.ts";
import { refuseLater, withRefreshLock } from "./lock.ts";
import { maskKey } from "./mask-key.ts";
import { refuseMigratedSince } from "./migrated-since.ts";
import { preflight } from "./preflight.ts";
import { masksOf, type RefreshReport } from "./report.ts";
import type { Frozen } from "./source.ts";
import { swapMain } from "./swap.ts";

const mostStreams = 4;

/** Builds a new main beside the old one, proves it, and exchanges the two. Main is untouched until then. */
export async function runRefresh(
  context: Runtime & HasConfig & HasNeon & HasEngine & HasConfirm,
  job: RefreshJob,
): Promise<RefreshReport> {
  return withRefreshLock(context, job.main, async () => {
    const config = await context.config();
    const { url } = await context.neon();
    const journal = await openJournal(context.home, url, job.main.project.id);
    const cleanUpOnceMore = await cleanUp(context, job, journal);
    const secret = await maskKey(context, job.rules.maskKey);
    context.output.detail(`masks are made with the secret in ${secret.from}`);
    const values = { tenant: job.organization, maskKey: secret.key };
    const { plan, pending } = await preflight(context, job, config, values);
    if (plan !== undefined) job.showPlan(plan);
    if (pending.length > 0) {
      const count = plural(pending.length, "migration");
      const { name } = job.main.branch;
      context.output.note(`${name} also gets ${count} of this checkout: ${pending.join(", ")}`);
    }
    await context.confirm({
      message: question(job),
      yes: job.yes,
      command: `ds db refresh-staging --organization ${job.organization} --yes`,
    });
    return carryOut(context, job, config, journal, values).finally(cleanUpOnceMore);
  });
}

function question({ main, source, organization }: RefreshJob): string {
  const { branch, project } = main;
  const size =
    branch.logicalSizeBytes === undefined ? "" : ` (${formatBytes(branch.logicalSizeBytes)})`;
  return (
    `replace all data of ${branch.name} of ${project.name}${size} by organization ${organization} of ${source.what}? ` +
    "The old state is kept under a name, and --undo brings it back. Other branches stay as they are; open sessions of " +
    `${branch.name} are dropped at the end.`
  );
}

async function carryOut(
  context: Runtime & HasNeon & HasEngine,
  job: RefreshJob,
  config: ProjectConfig,
  journal: Journal,
  values: SessionValues,
): Promise<RefreshReport> {
  const { main, source } = job;
  const seconds: RefreshReport["seconds"] = {};
  const startedAt = new Date().toISOString();
  const projects = [main.project.id, ...(source.branch ? [source.branch.project.id] : [])];
  const phase: RunPhase = async (name, title, work) => {
    if (context.signal.aborted) throw new DsError("INTERRUPTED", "stopped");
    const began = Date.now();
    const phaseAt = new Date(began).toISOString();
    const { organization } = job;
    await journal.write({
      pid: process.pid,
      startedAt,
      organization,
      phase: name,
      phaseAt,
      projects,
    });
    try {
      return await context.output.step(title, work);
    } finally {
      seconds[name] = (Date.now() - began) / 1000;
    }
  };
  const { name } = main.branch;
  const undo: (() => Promise<void>)[] = [];
  try {
    const scratch = await phase("scratch", `Making a copy of ${name} to build on`, async () => {
      const made = await createLeasedBranch(context, main, "refresh");
      undo.push(made.remove);
      const branches = await (await context.neon()).listBranches(main.project.id);
      refuseLater(context.home, branches, made.name);
      // Everything in it is about to go: the server itself has to say that it is the copy.
      const { id, name } = made;
      await verifyBranchIdentity({ ...main, branch: { ...main.branch, id, name } }, made.url);
      return made;
    });
    const frozen = await phase("source", `Opening ${source.what}`, async () => {
      const opened = await source.freeze();
      undo.push(opened.release);
      return opened;
    });
    const built = await build(context, job, config, { phase, values, scratch, frozen });
    const point = await phase("swap", `Replacing ${name}`, async () => {
      await refuseMigratedSince(main, scratch, config);
      return swapMain(
        context,
        main,
        {
          source: { sourceBranchId: scratch.id },
          kind: "refresh",
          next: "ds db refresh-staging",
          whenDone: `ds db branches (a new ${name}-before-refresh means that it has happened)`,
        },
        scratch.remove,
      );
    });
    return {
      status: "refreshed",
      ...built,
      seconds,
      organization: job.organization,
      source: source.what,
      recoveryPoint: point ?? null,
    };
  } catch (error) {
    throw untouched(error, main);
  } finally {
    for (const step of undo.reverse()) {
      await step().catch((error: Error) => context.output.warn(error.message));
    }
    await journal.end();
  }
}

interface Build {
  phase: RunPhase;
  values: SessionValues;
  scratch: EphemeralBranch;
  frozen: Frozen;
}

type Built = Omit<
  RefreshReport,
  "status" | "seconds" | "organization" | "source" | "recoveryPoint"
>;

/** The new main, on the scratch branch. */
async function build(
  context: Runtime,
  job: RefreshJob,
  config: ProjectConfig,
  { phase, values, scratch, frozen }: Build,
): Promise<Built> {
  const what = `branch ${scratch.name}`;
  const target = () =>
    connectPostgres(scratch.url, { what, applicationName: "ds db refresh-staging" });
  const migrations = await phase(
    "migrate",
    "Bringing the copy up to the last migration",
    async (step) => {
      const run = migrationRun(context, config, { url: scratch.url, what, shared: true });
      const { applied } = await migrate(run);
      step.finish(`The copy has all migrations, ${applied.length} of them new`);
      return applied;
    },
  );
  const plan = await phase("plan", "Comparing the source with it, column by column", async () => {
    const [one, other] = await Promise.all([frozen.connect(), target()]);
    try {
      return await job.makePlan(one, other);
    } finally {
      await Promise.all([one.end(), other.end()]);
    }
  });
  const filled = await copyData({
    plan,
    source: frozen.connect,
    target,
    values,
    streams: Math.min(mostStreams, Math.max(2, availableParallelism())),
    signal: context.signal,
    phase,
  });
  return {
    ...filled,
    migrations,
    masks: masksOf(plan),
    excluded: plan.tables
      .filter((table) => table.class === "skip")
      .map(({ table }) => shownName(table)),
  };
}

/** A failure before the exchange; one of the exchange itself says what came of it. */
function untouched(error: unknown, { branch }: Target): unknown {
  const known = toDsError(error);
  const said = /as it was before|never in between|Nothing was changed/.test(known.message);
  if (said) return known;
  return new DsError(
    known.code,
    `${known.message.replace(/\.$/, "")}; ${branch.name} is as it was before`,
    {
      ...(known.hint === undefined ? {} : { hint: known.hint }),
      details: known.details,
      cause: error,
    },
  );
}

import type { EphemeralBranch } from "../../../branches/io/ephemeral.ts";
import { verifyBranchIdentity } from "../../../branches/io/restore-keeping.ts";
import { outcomeOf, withOutcome } from "../../../branches/outcome.ts";
import type { HasConfig } from "../../../config/project-config.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import type { DsError } from "../../../errors/ds-error.ts";
import { toDsError } from "../../../errors/to-ds-error.ts";
import { formatBytes } from "../../../lib/format/bytes.ts";
import { listed } from "../../../lib/format/listed.ts";
import { plural } from "../../../lib/format/plural.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import type { HasConfirm } from "../../../runtime/io/confirm.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { arrivalsBrief } from "../../arrives/text.ts";
import { remarkDocument, remarkText } from "../../plan/remarks.ts";
import { planText } from "../../plan/text.ts";
import { Waited } from "../waited.ts";
import { build, type Run } from "./build.ts";
import { cleanUp } from "./clean-up.ts";
import type { RefreshJob } from "./job.ts";
import { openJournal } from "./journal.ts";
import { createLeasedBranch } from "./lease.ts";
import { refuseLater, withRefreshLock } from "./lock.ts";
import { maskKey } from "./mask-key.ts";
import { copiedMigrations, refuseMigratedSince } from "./migrated-since.ts";
import { RecordedPhases } from "./phases.ts";
import { type Preflight, preflight } from "./preflight.ts";
import type { RefreshReport } from "./report.ts";
import { swapMain } from "./swap.ts";

/**
 * Builds a new main beside the old one, verifies it, and exchanges the two. Main is untouched until then.
 *
 * @param waited since the command began
 */
export async function runRefresh(
  context: Runtime & HasConfig & HasNeon & HasEngine & HasConfirm,
  job: RefreshJob,
  yes: boolean,
  waited = new Waited(),
): Promise<RefreshReport> {
  const { main, organization, source } = job;
  return withRefreshLock(context, main, async () => {
    const config = await context.config();
    const { url } = await context.neon();
    const journal = await openJournal(context.home, url, main.project.id);
    const cleanUpOnceMore = await cleanUp(context, job, journal);
    const secret = await maskKey(context, job.rules.maskKey);
    context.output.detail(`masks are made with the secret in ${secret.from}`);
    const values = { tenant: organization, maskKey: secret.key };
    const found = await preflight(context, job, config, values);
    showPreflight(context, job, found, yes);
    await waited.answering(() =>
      context.confirm({
        message: question(job),
        yes,
        command: `ds db refresh-staging --organization ${organization} --yes`,
      }),
    );
    const projects = [main.project.id, ...(source.branch ? [source.branch.project.id] : [])];
    const phases = new RecordedPhases(context, journal, { organization, projects });
    const report = await carryOut(context, job, { config, values, phases })
      .finally(() => journal.end())
      .finally(cleanUpOnceMore);
    const { remarks, arrivals } = found;
    return { ...report, remarks: remarks.map(remarkDocument), arrivals };
  });
}

/** What a person has to know before "yes"; where nobody can be asked it is a warning. */
function showPreflight(
  { output, interactive }: Pick<Runtime, "output" | "interactive">,
  { main }: RefreshJob,
  { plan, pending, remarks, arrivals }: Preflight,
  yes: boolean,
): void {
  if (plan !== undefined) output.note(`${planText(plan, output.style, [])}\n`);
  const lines = [...remarks.map(remarkText), ...arrivalsBrief(arrivals)];
  if (yes && !interactive) for (const line of lines) output.warn(line.trim());
  else output.note(`Before you agree:\n${lines.map((line) => `  ${line}`).join("\n")}\n`);
  if (pending.length === 0) return;
  const count = plural(pending.length, "migration");
  output.note(`${main.branch.name} also gets ${count} of this checkout: ${listed(pending)}`);
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
  run: Run,
): Promise<Omit<RefreshReport, "remarks" | "arrivals">> {
  const { main, source, organization } = job;
  const { phases } = run;
  const { name } = main.branch;
  const undo: (() => Promise<void>)[] = [];
  try {
    const { scratch, migrations } = await phases.run(
      "scratch",
      `Making a copy of ${name} to build on`,
      async () => {
        const made = await createLeasedBranch(context, main, "refresh");
        undo.push(made.remove);
        await verifyScratch(context, job, made);
        return { scratch: made, migrations: await copiedMigrations(made, run.config) };
      },
    );
    const frozen = await phases.run("source", `Opening ${source.what}`, async () => {
      const opened = await source.freeze();
      undo.push(opened.release);
      return opened;
    });
    // All of that is done to the copy.
    const built = await context.output.changes.quietly(() =>
      build(context, job, run, { scratch, source: frozen }),
    );
    const recoveryPoint = await phases.run("swap", `Replacing ${name}`, async () => {
      await refuseMigratedSince(main, scratch, migrations, run.config);
      return swapMain(context, main, {
        source: { sourceBranchId: scratch.id },
        becomes: `replaced by organization ${organization} of ${source.what}`,
        kind: "refresh",
        next: "ds db refresh-staging",
        whenDone: `ds db branches (a new ${name}-before-refresh means that it has happened)`,
        release: scratch.remove,
      });
    });
    const { seconds } = phases;
    return {
      status: "refreshed",
      ...built,
      seconds,
      organization,
      source: source.what,
      recoveryPoint,
    };
  } catch (error) {
    throw withMainsState(toDsError(error), name);
  } finally {
    for (const step of undo.reverse()) {
      await step().catch((error: Error) => context.output.warn(error.message));
    }
  }
}

/** Everything in it is about to go: the server itself has to say that it is the copy. */
async function verifyScratch(
  context: Pick<Runtime, "home"> & HasNeon,
  { main }: RefreshJob,
  { id, name, url }: EphemeralBranch,
): Promise<void> {
  const branches = await (await context.neon()).listBranches(main.project.id);
  refuseLater(context.home, branches, name);
  await verifyBranchIdentity({ ...main, branch: { ...main.branch, id, name } }, url);
}

/** Nothing but the exchange changes main, and its failures say themselves what came of it. */
const withMainsState = (error: DsError, main: string): DsError =>
  outcomeOf(error) === undefined ? withOutcome(error, "unchanged", main) : error;

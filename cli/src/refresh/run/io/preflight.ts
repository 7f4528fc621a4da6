import type { Client } from "pg";
import { verifyBranchIdentity } from "../../../branches/io/restore-keeping.ts";
import type { ProjectConfig } from "../../../config/project-config.ts";
import type { DsError } from "../../../errors/ds-error.ts";
import { nothingChanged } from "../../../errors/nothing-changed.ts";
import { compareWithLedger, toRun } from "../../../migrations/ledger/compare.ts";
import { readLedger } from "../../../migrations/ledger/io/ledger.ts";
import { migrationRefusal } from "../../../migrations/ledger/policy.ts";
import { folderIfThere } from "../../../migrations/run/io/apply.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import { withPostgres } from "../../../postgres/io/connect.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Target } from "../../../stages/io/target.ts";
import type { Arrivals } from "../../arrives/arrivals.ts";
import { beginLooking, type SessionValues } from "../../copy/io/sessions.ts";
import type { RefreshPlan } from "../../model/plan.ts";
import { serverFailure } from "../../model/server-failure.ts";
import { refuseFullDisk } from "../../plan/disk.ts";
import { estimate, freeBytes } from "../../plan/io/estimate.ts";
import { makePlan } from "../../plan/io/make-plan.ts";
import { requireReadable } from "../../plan/io/require-readable.ts";
import { PlanRefused } from "../../plan/problems.ts";
import type { Remark } from "../../plan/remarks.ts";
import { arrivalsOf } from "./arrivals-of.ts";
import type { RefreshJob } from "./job.ts";
import { isSameDatabase, type RefreshSource } from "./source.ts";
import { refuseProtected } from "./swap.ts";

const lockPatienceMs = 60_000;

export interface Preflight {
  /** Undefined where main lacks what its pending migrations bring: it is made once they ran. */
  plan: RefreshPlan | undefined;
  /** Names of the migrations that main will have as well. */
  pending: string[];
  remarks: Remark[];
  /** Of a main that lacks something: as if it had all that production has. */
  arrivals: Arrivals;
}

/** Everything that can refuse before a branch is made. */
export async function preflight(
  context: Pick<Runtime, "cwd" | "home" | "output"> & HasNeon,
  job: RefreshJob,
  config: ProjectConfig,
  values: SessionValues,
): Promise<Preflight> {
  const { main, source } = job;
  refuseProtected(main);
  if (source.branch?.branch.id === main.branch.id) throw sameDatabase(source, main);
  const mainUrl = await main.connectionUrl();
  await verifyBranchIdentity(main, mainUrl);
  const what = `branch ${main.branch.name}`;
  const production = await source.connect();
  try {
    return await withPostgres(mainUrl, { what }, async (target) => {
      if (await isSameDatabase(target, production)) throw sameDatabase(source, main);
      await source.verify(production);
      await beginLooking(production, values);
      const pending = await pendingOn(context, config, target);
      const made = await makePlan(production, target, job);
      // What another tool's command will bring is not known.
      const mayChange = pending.length > 0 || config.migrator.kind === "command";
      const isOpen =
        made.problems.length > 0 && made.problems.every(({ kind }) => kind === "types");
      if (made.problems.length > 0 && !(isOpen && mayChange)) throw new PlanRefused(made.problems);
      const { remarks } = made;
      if (isOpen) {
        context.output.note(
          `${what} may have migrations pending: what is copied is said once its copy has them`,
        );
      } else await requireReadable(production, made.plan);
      const arrivals = await arrivalsOf(production, made, job);
      if (isOpen) return { plan: undefined, pending, remarks, arrivals };
      const { local } = await context.neon();
      const expected = await estimate(production, made.plan);
      refuseFullDisk(expected.bytes, local ? await freeBytes(context.home) : undefined);
      return { plan: made.plan, pending, remarks, arrivals };
    });
  } catch (error) {
    throw serverFailure(error, `looking at ${source.what}`);
  } finally {
    await production.end().catch(() => {});
  }
}

const sameDatabase = (source: RefreshSource, main: Target): DsError =>
  nothingChanged(
    "REFUSED",
    `${source.what} and branch ${main.branch.name} of ${main.project.name} are one and the same database`,
    {
      reason: "SAME_DATABASE",
      hint: "refresh.from in ds.config.ts has to name production.",
    },
  );

/** Migrations of this checkout that main does not have: its copy will. */
async function pendingOn(
  context: Pick<Runtime, "cwd">,
  config: ProjectConfig,
  main: Client,
): Promise<string[]> {
  const folder = folderIfThere(context, config);
  if (folder === undefined) return [];
  const ledger = await readLedger(main, config.migrations, lockPatienceMs).catch(() => undefined);
  // What there is to say of them is said when they are run, on the copy.
  if (ledger === undefined) return [];
  const states = compareWithLedger(folder, ledger.rows);
  if (await migrationRefusal(folder, states, { allowLate: true, strict: false })) return [];
  return toRun(folder, states).map(({ name }) => name);
}

import { availableParallelism } from "node:os";
import type { EphemeralBranch } from "../../../branches/io/ephemeral.ts";
import type { ProjectConfig } from "../../../config/project-config.ts";
import { noteProductionSizes } from "../../../migrations/findings/io/production-sizes.ts";
import { applyMigrations } from "../../../migrations/run/io/apply.ts";
import { connectPostgres } from "../../../postgres/io/connect.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { copyData } from "../../copy/io/copy-data.ts";
import { beginLooking, type Database, type SessionValues } from "../../copy/io/sessions.ts";
import { shownName } from "../../model/names.ts";
import { requirePlan } from "../../plan/io/make-plan.ts";
import type { RefreshJob } from "./job.ts";
import type { RecordedPhases } from "./phases.ts";
import { masksOf, type RefreshReport } from "./report.ts";

const mostStreams = 4;

/** What one run has of its own. */
export interface Run {
  config: ProjectConfig;
  values: SessionValues;
  phases: RecordedPhases;
}

/** A copy of main, which is changed, and a state of the source, which is read. */
export interface Copies {
  scratch: EphemeralBranch;
  source: Database;
}

type Built = Omit<
  RefreshReport,
  "status" | "seconds" | "organization" | "source" | "recoveryPoint" | "remarks" | "arrivals"
>;

/** The new main, on the scratch branch. */
export async function build(
  context: Runtime,
  job: RefreshJob,
  { config, values, phases }: Run,
  { scratch, source }: Copies,
): Promise<Built> {
  const what = `branch ${scratch.name}`;
  const target: Database = {
    connect: () => connectPostgres(scratch.url, { what, applicationName: "ds db refresh-staging" }),
  };
  const migrations = await phases.run(
    "migrate",
    "Bringing the copy up to the last migration",
    async (step) => {
      const database = { url: scratch.url, what, shared: true };
      const wishes = { discarded: true, command: "ds db refresh-staging" };
      const { applied, status } = await applyMigrations(context, config, database, wishes);
      if (status !== "ran" && status !== "none") {
        step.finish(`The copy has all migrations, ${applied.length} of them new`);
      }
      return applied;
    },
  );
  const plan = await phases.run(
    "plan",
    "Comparing the source with it, column by column",
    async () => {
      const [one, other] = await Promise.all([source.connect(), target.connect()]);
      try {
        await beginLooking(one, values);
        const made = await requirePlan(one, other, job);
        if (!(await noteProductionSizes(one, other))) {
          context.output.detail(
            "How large production's tables are was not noted: the role may not make the schema __ds",
          );
        }
        return made;
      } finally {
        await Promise.all([one.end(), other.end()]);
      }
    },
  );
  const streams = Math.min(mostStreams, Math.max(2, availableParallelism()));
  const copied = await copyData({ plan, source, target, values, streams }, phases, context.signal);
  return {
    ...copied,
    migrations,
    masks: masksOf(plan),
    excluded: plan.tables
      .filter((table) => table.class === "skip")
      .map(({ table }) => shownName(table)),
  };
}

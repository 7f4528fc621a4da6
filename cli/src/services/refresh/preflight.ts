import type { ProjectConfig } from "../../config.ts";
import type { Context } from "../../context.ts";
import { refuseFullDisk } from "../../core/refresh/disk.ts";
import type { RefreshPlan } from "../../core/refresh/plan.ts";
import type { Problem } from "../../core/refresh/problem.ts";
import { DsError } from "../../errors.ts";
import { proveTarget } from "../branch-reset.ts";
import { migrate } from "../migrator.ts";
import { migratorFor } from "../migrator-for.ts";
import { withPostgres } from "../postgres.ts";
import type { Target } from "../target.ts";
import { estimate, freeBytes } from "./estimate.ts";
import { serverFailure } from "./failures.ts";
import { requireTenant } from "./fill.ts";
import type { RefreshJob } from "./run.ts";
import { beginLooking, type SessionValues } from "./sessions.ts";
import { isSameDatabase, type RefreshSource } from "./source.ts";
import { refuseProtected } from "./swap.ts";

/**
 * Everything that can refuse before a branch is made.
 *
 * @returns undefined where main lacks what its pending migrations bring: the plan is made once they ran
 */
export async function preflight(
  context: Context,
  job: RefreshJob,
  config: ProjectConfig,
  values: SessionValues,
): Promise<RefreshPlan | undefined> {
  const { main, source } = job;
  refuseProtected(main);
  if (source.branch?.branch.id === main.branch.id) throw sameDatabase(source, main);
  const mainUrl = await main.connectionUrl();
  await proveTarget(main, mainUrl);
  const what = `branch ${main.branch.name}`;
  const production = await source.connect();
  try {
    return await withPostgres(mainUrl, { what }, async (target) => {
      if (await isSameDatabase(target, production)) throw sameDatabase(source, main);
      await source.prove(production);
      await beginLooking(production, values);
      const plan = await job.makePlan(production, target).catch(async (error) => {
        if (!isAboutTypes(error) || !(await isBehind(context, config, mainUrl))) throw error;
        return undefined;
      });
      if (plan === undefined) {
        context.output.note(
          `${what} has migrations pending: what is copied is said once its copy has them`,
        );
        return undefined;
      }
      await requireTenant(production, plan);
      const { local } = await context.neon();
      const expected = await estimate(production, plan);
      refuseFullDisk(expected.bytes, local ? await freeBytes(context.home) : undefined);
      return plan;
    });
  } catch (error) {
    throw serverFailure(error, `looking at ${source.what}`);
  } finally {
    await production.end().catch(() => {});
  }
}

const sameDatabase = (source: RefreshSource, main: Target): DsError =>
  new DsError(
    "REFUSED",
    `${source.what} and branch ${main.branch.name} of ${main.project.name} are one and the same database. Nothing was changed.`,
    { hint: "refresh.from in ds.config.ts has to name production." },
  );

async function isBehind(context: Context, config: ProjectConfig, url: string): Promise<boolean> {
  const options = migratorFor(
    context,
    config,
    { url, what: "main", shared: true },
    { check: true },
  );
  return migrate({ ...options, onNote: () => {}, onWarning: () => {} }).then(
    () => false,
    (error) => error instanceof DsError && error.code === "PENDING",
  );
}

/** Production and main differ, and nothing else speaks against the plan. */
function isAboutTypes(error: unknown): boolean {
  const problems = error instanceof DsError ? error.details.problems : undefined;
  return (
    Array.isArray(problems) &&
    problems.length > 0 &&
    problems.every(({ kind }: Problem) => kind === "types")
  );
}

import type { AppContext } from "../../app-context.ts";
import { DsError } from "../../errors/ds-error.ts";
import type { RefreshJob } from "../../refresh/run/io/job.ts";

interface Flags {
  organization?: string;
  tenant?: string;
  plan: boolean;
  all: boolean;
  init: boolean;
  explain?: string;
  undo: boolean;
  yes: boolean;
}

/** The data of main, replaced by production's of one organization; every new branch then starts from it. */
export default async function refreshStaging(context: AppContext, flags: Flags): Promise<void> {
  refuseContradictions(flags);
  if (flags.all) return copy(context, flags).catch(whole);
  return copy(context, flags);
}

/** With every problem in the message. */
async function whole(error: unknown): Promise<never> {
  const { PlanRefused } = await import("../../refresh/plan/problems.ts");
  throw error instanceof PlanRefused ? error.whole() : error;
}

async function copy(context: AppContext, flags: Flags): Promise<void> {
  if (flags.init) return init(context, flags.tenant);
  if (flags.undo) return undo(context, flags.yes);
  if (flags.explain !== undefined) return explain(context, flags.explain);
  const { Waited } = await import("../../refresh/run/waited.ts");
  const waited = new Waited();
  const { openJob } = await import("../../refresh/run/io/job.ts");
  const job = { ...(await openJob(context, flags.organization)), all: flags.all };
  if (flags.plan) return plan(context, job);
  const [{ runRefresh }, { refreshText }] = await Promise.all([
    import("../../refresh/run/io/refresh.ts"),
    import("../../refresh/run/io/report.ts"),
  ]);
  const report = await runRefresh(context, job, flags.yes, waited);
  const waitedSeconds = waited.seconds;
  const text = refreshText(report, job.main, waitedSeconds);
  context.output.result({ ...report, waitedSeconds }, text);
}

async function plan(context: AppContext, job: RefreshJob): Promise<void> {
  const [{ showPlan }, { planText }, { arrivalsText }] = await Promise.all([
    import("../../refresh/run/io/show-plan.ts"),
    import("../../refresh/plan/text.ts"),
    import("../../refresh/arrives/text.ts"),
  ]);
  const { plan, remarks, arrivals, document } = await showPlan(context, job);
  context.output.result(
    document,
    (style) => `${planText(plan, style, remarks)}\n${arrivalsText(arrivals, job.all)}`,
  );
}

async function init(context: AppContext, tenant: string | undefined): Promise<void> {
  const { initRules } = await import("../../refresh/init/io/init-rules.ts");
  const { document, text } = await initRules(context, tenant);
  context.output.result(document, text);
}

async function explain(context: AppContext, path: string): Promise<void> {
  const { openJob } = await import("../../refresh/run/io/job.ts");
  const job = await openJob(context, undefined);
  const [{ explainRules }, { explanationDocument, explanationText }] = await Promise.all([
    import("../../refresh/explain/io/explain-rules.ts"),
    import("../../refresh/explain/text.ts"),
  ]);
  const told = await explainRules(job, path);
  context.output.result(explanationDocument(told), (style) => explanationText(told, style));
}

async function undo(context: AppContext, yes: boolean): Promise<void> {
  const main = await context.target("main");
  const { undoRefresh, undoText } = await import("../../refresh/run/io/undo.ts");
  const report = await undoRefresh(context, main, yes);
  context.output.result({ ...report }, undoText(report));
}

function refuseContradictions(flags: Flags): void {
  const { organization, tenant, plan, init, undo, all } = flags;
  const isExplained = flags.explain !== undefined;
  const given = [
    plan && "--plan",
    init && "--init",
    isExplained && "--explain",
    undo && "--undo",
  ].filter(Boolean);
  if (given.length > 1) {
    throw new DsError("USAGE", `${given.join(" and ")} are different things to do`, {
      hint: "Leave all but one out.",
    });
  }
  if (tenant !== undefined && !init) {
    throw new DsError("USAGE", "--tenant goes with --init only", {
      hint: "The rules name the table: refresh.tenant in ds.config.ts.",
    });
  }
  if (all && (init || undo || isExplained)) {
    throw new DsError("USAGE", "--all goes with --plan, or with a refresh", {
      hint: "Leave --all out.",
    });
  }
  if (flags.explain?.trim() === "") {
    throw new DsError("USAGE", "--explain must name a table or a column, such as users.email");
  }
  if (organization?.trim() === "") {
    throw new DsError("USAGE", "--organization must not be empty");
  }
  if (organization !== undefined && (init || undo || isExplained)) {
    throw new DsError("USAGE", `${given[0]} is about no organization`, {
      hint: "Leave --organization out.",
    });
  }
}

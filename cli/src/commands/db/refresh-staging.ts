import type { AppContext } from "../../app-context.ts";
import { DsError } from "../../errors/ds-error.ts";

interface Flags {
  organization?: string;
  tenant?: string;
  plan: boolean;
  init: boolean;
  undo: boolean;
  yes: boolean;
}

/** The data of main, replaced by production's of one organization; every new branch then starts from it. */
export default async function refreshStaging(context: AppContext, flags: Flags): Promise<void> {
  refuseContradictions(flags);
  if (flags.init) return init(context, flags.tenant);
  if (flags.undo) return undo(context, flags.yes);
  const { Waited } = await import("../../refresh/run/waited.ts");
  const waited = new Waited();
  const { openJob } = await import("../../refresh/run/io/job.ts");
  const job = await openJob(context, flags.organization);
  if (flags.plan) {
    const [{ showPlan }, { planText }] = await Promise.all([
      import("../../refresh/run/io/show-plan.ts"),
      import("../../refresh/plan/text.ts"),
    ]);
    const { plan, remarks, document } = await showPlan(context, job);
    return context.output.result(document, (style) => planText(plan, style, remarks));
  }
  const [{ runRefresh }, { refreshText }] = await Promise.all([
    import("../../refresh/run/io/refresh.ts"),
    import("../../refresh/run/io/report.ts"),
  ]);
  const report = await runRefresh(context, job, flags.yes, waited);
  const waitedSeconds = waited.seconds;
  const text = refreshText(report, job.main, waitedSeconds);
  context.output.result({ ...report, waitedSeconds }, text);
}

async function init(context: AppContext, tenant: string | undefined): Promise<void> {
  const { initRules } = await import("../../refresh/init/io/init-rules.ts");
  const { document, text } = await initRules(context, tenant);
  context.output.result(document, text);
}

async function undo(context: AppContext, yes: boolean): Promise<void> {
  const main = await context.target("main");
  const { undoRefresh, undoText } = await import("../../refresh/run/io/undo.ts");
  const report = await undoRefresh(context, main, yes);
  context.output.result({ ...report }, undoText(report));
}

function refuseContradictions({ organization, tenant, plan, init, undo }: Flags): void {
  const given = [plan && "--plan", init && "--init", undo && "--undo"].filter(Boolean);
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
  if (organization?.trim() === "") {
    throw new DsError("USAGE", "--organization must not be empty");
  }
  if (organization !== undefined && (init || undo)) {
    throw new DsError("USAGE", `${given[0]} is about no organization`, {
      hint: "Leave --organization out.",
    });
  }
}

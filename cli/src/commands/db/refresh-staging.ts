import type { AppContext } from "../../app-context.ts";
import type { RefreshRules } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";

interface Flags {
  organization?: string;
  plan: boolean;
  init: boolean;
  undo: boolean;
  yes: boolean;
}

/** The data of main, replaced by production's of one organization; every new branch then starts from it. */
export default async function refreshStaging(context: AppContext, flags: Flags): Promise<void> {
  refuseContradictions(flags);
  if (flags.init) {
    const { initRules } = await import("../../refresh/rules/io/init-rules.ts");
    return initRules(context);
  }
  const main = await context.target("main");
  if (flags.undo) {
    const { undoRefresh } = await import("../../refresh/run/io/undo.ts");
    return undoRefresh(context, main, flags.yes);
  }
  const config = await context.config();
  const rules = requireRules(config.refresh);
  const organization = flags.organization ?? rules.tenant.demo;
  const { openSource } = await import("../../refresh/run/io/source.ts");
  const source = await openSource(context, rules);
  const job = { main, source, organization, rules, ledger: config.migrations };
  context.output.note(
    `organization ${organization} of ${source.what}, for branch ${main.branch.name} of ${main.project.name} (${main.branch.id})`,
  );
  if (flags.plan) {
    const { showPlan } = await import("../../refresh/run/io/show-plan.ts");
    return showPlan(context, job);
  }
  const [{ runRefresh }, { refreshText }, { requirePlan }, { planText }] = await Promise.all([
    import("../../refresh/run/io/refresh.ts"),
    import("../../refresh/run/io/report.ts"),
    import("../../refresh/plan/io/make-plan.ts"),
    import("../../refresh/plan/text.ts"),
  ]);
  const report = await runRefresh(context, {
    ...job,
    yes: flags.yes,
    makePlan: (from, to) => requirePlan(from, to, job),
    showPlan: (plan) => context.output.note(`${planText(plan, context.output.style)}\n`),
  });
  context.output.result({ ...report }, refreshText(report, main));
}

function refuseContradictions({ organization, plan, init, undo }: Flags): void {
  const given = [plan && "--plan", init && "--init", undo && "--undo"].filter(Boolean);
  if (given.length > 1) {
    throw new DsError("USAGE", `${given.join(" and ")} are different things to do`, {
      hint: "Leave all but one out.",
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

function requireRules(rules: RefreshRules | undefined): RefreshRules {
  if (rules) return rules;
  throw new DsError(
    "CONFIG_INVALID",
    "ds.config.ts has no section `refresh`: what would be copied?",
    {
      hint: "A first proposal, out of the tables of main: ds db refresh-staging --init",
    },
  );
}

import { DsError } from "../../../errors/ds-error.ts";
import { withPostgres } from "../../../postgres/io/connect.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Arrivals } from "../../arrives/arrivals.ts";
import { arrivalsText } from "../../arrives/text.ts";
import { beginLooking } from "../../copy/io/sessions.ts";
import type { RefreshPlan } from "../../model/plan.ts";
import { problemDocument } from "../../model/problem-text.ts";
import { makePlan } from "../../plan/io/make-plan.ts";
import { requireReadable } from "../../plan/io/require-readable.ts";
import { PlanRefused } from "../../plan/problems.ts";
import { type Remark, remarkDocument } from "../../plan/remarks.ts";
import { planDocument, planText } from "../../plan/text.ts";
import { arrivalsOf } from "./arrivals-of.ts";
import type { RefreshJob } from "./job.ts";

export interface ShownPlan {
  plan: RefreshPlan;
  remarks: Remark[];
  arrivals: Arrivals;
  document: PlanDocument;
}

const documentOf = (
  job: RefreshJob,
  { plan, problems, remarks }: Awaited<ReturnType<typeof makePlan>>,
  arrivals: Arrivals,
) => ({
  source: job.source.what,
  ...planDocument(plan),
  problems: problems.map(problemDocument),
  remarks: remarks.map(remarkDocument),
  arrivals,
});

type PlanDocument = ReturnType<typeof documentOf>;

/** `--plan`: what would be copied, compared with main as it is; nothing is written anywhere. */
export async function showPlan(
  { output }: Pick<Runtime, "output">,
  job: RefreshJob,
): Promise<ShownPlan> {
  const { main, source, organization } = job;
  const production = await source.connect();
  try {
    await source.verify(production);
    await beginLooking(production, { tenant: organization, maskKey: "" });
    const made = await withPostgres(
      await main.connectionUrl(),
      { what: `branch ${main.branch.name}` },
      (target) => makePlan(production, target, job),
    );
    const { plan, problems, remarks } = made;
    const arrivals = await arrivalsOf(production, made, job);
    const document = documentOf(job, made, arrivals);
    const failure =
      problems.length > 0
        ? new PlanRefused(problems, document)
        : await requireReadable(production, plan).then(
            () => undefined,
            (error: unknown) => withReport(error, document),
          );
    if (failure === undefined) return { plan, remarks, arrivals, document };
    // What there is of a plan helps to see what is missing.
    if (!output.json && plan.tables.length > 0)
      output.stream(
        `${planText(plan, output.style, remarks)}\n${arrivalsText(arrivals, job.all)}\n\n`,
      );
    throw failure;
  } finally {
    await production.end().catch(() => {});
  }
}

const withReport = (error: unknown, report: Record<string, unknown>): unknown =>
  error instanceof DsError ? error.with({ details: { ...error.details, report } }) : error;

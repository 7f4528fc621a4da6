import { DsError } from "../../../errors/ds-error.ts";
import { withPostgres } from "../../../postgres/io/connect.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Target } from "../../../stages/io/target.ts";
import { beginLooking } from "../../copy/io/sessions.ts";
import { problemDocument } from "../../model/problem-text.ts";
import { makePlan, type PlanSettings } from "../../plan/io/make-plan.ts";
import { requireReadable } from "../../plan/io/require-readable.ts";
import { PlanRefused } from "../../plan/problems.ts";
import { planDocument, planText } from "../../plan/text.ts";
import type { RefreshSource } from "./source.ts";

/** `--plan`: what would be copied, compared with main as it is; nothing is written anywhere. */
export async function showPlan(
  context: Pick<Runtime, "output">,
  {
    main,
    source,
    organization,
    ...settings
  }: PlanSettings & {
    main: Target;
    source: RefreshSource;
    organization: string;
  },
): Promise<void> {
  const { output } = context;
  const production = await source.connect();
  try {
    await source.prove(production);
    await beginLooking(production, { tenant: organization, maskKey: "" });
    const { plan, problems } = await withPostgres(
      await main.connectionUrl(),
      { what: `branch ${main.branch.name}` },
      (target) => makePlan(production, target, { ...settings, organization }),
    );
    const document = {
      source: source.what,
      ...planDocument(plan),
      problems: problems.map(problemDocument),
    };
    const failure =
      problems.length > 0
        ? new PlanRefused(problems, document)
        : await requireReadable(production, plan).then(
            () => undefined,
            (error: unknown) => withReport(error, document),
          );
    if (failure === undefined) {
      output.result(document, (style) => planText(plan, style));
      return;
    }
    // What there is of a plan helps to see what is missing.
    if (!output.json && plan.tables.length > 0)
      output.stream(`${planText(plan, output.style)}\n\n`);
    throw failure;
  } finally {
    await production.end().catch(() => {});
  }
}

const withReport = (error: unknown, report: Record<string, unknown>): unknown =>
  error instanceof DsError ? error.with({ details: { ...error.details, report } }) : error;

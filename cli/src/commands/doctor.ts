import type { AppContext } from "../app-context.ts";
import { doctorText, problems } from "../doctor/findings.ts";
import { examineCheckout } from "../doctor/io/checkout.ts";
import { Examination } from "../doctor/io/examination.ts";
import { examineServers } from "../doctor/io/servers.ts";
import { DsError } from "../errors/ds-error.ts";
import { plural } from "../lib/format/plural.ts";

/** Looks at everything that can be wrong; changes nothing, but starts the engine and wakes the branch. */
export default async function doctor(context: AppContext): Promise<void> {
  const { output } = context;
  const examination = new Examination();
  const config = await examineCheckout(context, examination);
  await examineServers(context, examination, config);
  const { findings } = examination;
  const [worst, ...others] = problems(findings);
  const report = { status: worst === undefined ? "ok" : "problem", checks: findings };
  if (worst === undefined) {
    return output.result(report, (style) => doctorText(findings, style));
  }
  if (!output.json) output.stream(`${doctorText(findings, output.style)}\n`);
  throw new DsError(
    worst.code ?? "PREREQUISITE_MISSING",
    `${plural(others.length + 1, "problem")} found: ${[worst, ...others].map(({ check }) => check).join(", ")}`,
    { details: { report } },
  );
}

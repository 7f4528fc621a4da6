import type { AppContext } from "../app-context.ts";
import { doctorDocument, doctorText, problemsError } from "../doctor/findings.ts";
import { examine } from "../doctor/io/examine.ts";

/** Looks at everything that can be wrong. */
export default async function doctor(context: AppContext): Promise<void> {
  const { output } = context;
  const findings = await examine(context);
  const failure = problemsError(findings);
  if (failure === undefined) {
    return output.result(doctorDocument(findings), (style) => doctorText(findings, style));
  }
  if (!output.json) output.stream(`${doctorText(findings, output.style)}\n`);
  throw failure;
}

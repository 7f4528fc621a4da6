import type { AppContext } from "../app-context.ts";
import { doctorDocument, doctorText, problemsError } from "../doctor/findings.ts";
import { examine } from "../doctor/io/examine.ts";
import { repair } from "../doctor/io/repair.ts";
import { repairText } from "../doctor/repair-text.ts";
import { DsError } from "../errors/ds-error.ts";

interface Flags {
  repair: boolean;
  yes: boolean;
}

/** Looks at everything that can be wrong; with --repair, mends the home. */
export default async function doctor(context: AppContext, flags: Flags): Promise<void> {
  const { output } = context;
  if (flags.repair) {
    const report = await repair(context, flags.yes);
    return output.result({ ...report }, repairText(report));
  }
  if (flags.yes) throw new DsError("USAGE", "--yes is for --repair");
  const findings = await examine(context);
  const failure = problemsError(findings);
  if (failure === undefined) {
    return output.result(doctorDocument(findings), (style) => doctorText(findings, style));
  }
  if (!output.json) output.stream(`${doctorText(findings, output.style)}\n`);
  throw failure;
}

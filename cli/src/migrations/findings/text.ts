import type { Finding } from "./finding.ts";

/** The lines that stand below a statement of a plan. */
export function findingLines({
  evidence,
  ignored,
  instead,
  rule,
  says,
  severity,
}: Finding): string[] {
  if (ignored !== undefined) return [`${rule}: ignored: ${ignored}`];
  return [
    `${severity.toUpperCase()} ${rule}: ${says}`,
    ...evidence.map((line) => `  ${line}`),
    ...(instead === undefined ? [] : [`  instead: ${instead}`]),
  ];
}

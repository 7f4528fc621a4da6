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

/** One line a finding and what it rests on: `file:line: severity rule: …`. */
export function findingsText(findings: readonly Finding[]): string {
  return findings
    .flatMap(({ evidence, file, ignored, instead, line, rule, says, severity }) => {
      const place = `${file}:${line}:`;
      if (ignored !== undefined) return [`${place} ignored ${rule}: ${ignored}`];
      return [
        `${place} ${severity} ${rule}: ${says}`,
        ...evidence.map((one) => `  ${one}`),
        ...(instead === undefined ? [] : [`  instead: ${instead}`]),
      ];
    })
    .join("\n");
}

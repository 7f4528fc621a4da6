import { plural } from "../../lib/format/plural.ts";
import type { Finding } from "../../migrations/findings/finding.ts";
import { type Limit, moreItem } from "./limit.ts";
import { code, codeBlock } from "./markdown.ts";
import { prose } from "./prose.ts";

const signs = { error: "❌", warning: "⚠️", note: "ℹ️" };
const order = ["error", "warning", "note"] as const;

/** Those that the file ignores, with a reason, are not counted. */
export function countedFindings(findings: readonly Finding[]) {
  const count = (severity: Finding["severity"]) =>
    findings.filter((each) => each.severity === severity && each.ignored === undefined).length;
  return { errors: count("error"), warnings: count("warning") };
}

/** The worst first; the ignored ones last, with their reasons. */
export function findingsSection(findings: readonly Finding[], limit: Limit): string[][] {
  if (findings.length === 0) return [];
  const open = order.flatMap((severity) =>
    findings.filter((each) => each.severity === severity && each.ignored === undefined),
  );
  const ignored = findings.filter((each) => each.ignored !== undefined);
  const { shown, left } = limit.some(open);
  return [
    ["#### Findings"],
    [...shown.flatMap((each) => findingLines(each, limit)), ...moreItem(left)],
    ignoredLines(ignored, limit),
  ];
}

function findingLines(finding: Finding, limit: Limit): string[] {
  const { severity, rule, file, line, says, evidence, instead } = finding;
  const { shown, left } = limit.some(evidence);
  return [
    `- ${signs[severity]} **${severity}** ${code(rule)} at ${code(`${file}:${line}`)}: ${prose(says)}`,
    ...[...shown.map((text) => `  - ${prose(text)}`), ...moreItem(left).map((text) => `  ${text}`)],
    ...(instead === undefined ? [] : insteadLines(instead)),
  ];
}

function insteadLines(instead: string): string[] {
  const lines = instead.trim().split("\n");
  if (lines.length === 1) return [`  - Instead: ${prose(instead)}`];
  return [
    "  - Instead:",
    "",
    ...codeBlock(lines.slice(0, 40), "sql").map((line) => `    ${line}`),
    "",
  ];
}

function ignoredLines(ignored: readonly Finding[], limit: Limit): string[] {
  if (ignored.length === 0) return [];
  const { shown, left } = limit.some(ignored);
  return [
    `${plural(ignored.length, "finding")} ignored, with a reason in the file:`,
    "",
    ...shown.map(
      ({ rule, file, line, ignored: reason = "" }) =>
        `- ${code(rule)} at ${code(`${file}:${line}`)}: ${prose(reason)}`,
    ),
    ...moreItem(left),
  ];
}

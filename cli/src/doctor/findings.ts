import { DsError, type ErrorCode } from "../errors/ds-error.ts";
import { plural } from "../lib/format/plural.ts";
import type { Style } from "../lib/terminal/style.ts";

/** What one check of `ds doctor` has found. */
export interface Finding {
  /** What was looked at: `api`, `env file` ... */
  check: string;
  /** `skipped`: it needs something that an earlier check has found wrong. */
  health: "ok" | "warning" | "problem" | "skipped";
  /** One sentence. */
  says: string;
  /** What to do about it. */
  fix?: string;
  /** Of a problem: what a command that met it would fail with. */
  code?: ErrorCode;
}

/** A machine's clock and a server's differ by some of this anyway, as the answer takes its time. */
const noticeableMs = 30_000;

/**
 * How far two clocks are apart.
 *
 * @param server its time, in milliseconds since 1970
 * @param asked and `answered`: the own time before and after, alike
 */
export function clockFinding(server: number, asked: number, answered: number): Finding {
  const check = "clock";
  const behind = Math.max(0, server - answered);
  const ahead = Math.max(0, asked - server);
  const apart = Math.max(behind, ahead);
  if (apart < noticeableMs) return { check, health: "ok", says: "as the database's" };
  const seconds = Math.round(apart / 1000);
  return {
    check,
    health: "warning",
    says: `this machine's clock is ${plural(seconds, "second")} ${ahead > 0 ? "ahead of" : "behind"} the database's`,
    fix: "Set it by a time server: when branches expire, and which state is the last, goes by it.",
  };
}

/** A line a finding, with its fix below, and the sum. */
export function doctorText(findings: readonly Finding[], style: Style): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const signs = {
    ok: style.green("✓"),
    warning: style.yellow("!"),
    problem: style.red("✗"),
    skipped: style.dim("-"),
  };
  const indent = " ".repeat(width + 4);
  const lines = findings.flatMap(({ check, health, says, fix }) => [
    `${signs[health]} ${check.padEnd(width)}  ${says.replaceAll("\n", `\n${indent}`)}`,
    ...(fix === undefined ? [] : [`${indent}${fix}`]),
  ]);
  return [...lines, "", summary(findings)].join("\n");
}

function summary(findings: readonly Finding[]): string {
  const count = (health: Finding["health"]) =>
    findings.filter((finding) => finding.health === health).length;
  const parts = [
    ...(count("problem") > 0 ? [plural(count("problem"), "problem")] : []),
    ...(count("warning") > 0 ? [plural(count("warning"), "warning")] : []),
    ...(count("skipped") > 0 ? [`${count("skipped")} not checked`] : []),
  ];
  return parts.length === 0 ? "All is well." : `${parts.join(", ")}.`;
}

const problems = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ health }) => health === "problem");

export const doctorDocument = (findings: readonly Finding[]) => ({
  status: problems(findings).length === 0 ? "ok" : "problem",
  checks: findings,
});

/** What the command fails with: the first problem's code; undefined when there is none. */
export function problemsError(findings: readonly Finding[]): DsError | undefined {
  const found = problems(findings);
  const [first] = found;
  if (first === undefined) return undefined;
  return new DsError(
    first.code ?? "PREREQUISITE_MISSING",
    `${plural(found.length, "problem")} found: ${found.map(({ check }) => check).join(", ")}`,
    { details: { report: doctorDocument(findings) } },
  );
}

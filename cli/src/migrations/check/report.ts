import { plural } from "../../lib/format/plural.ts";
import type { RefReport } from "../conflicts/conflicts.ts";
import { counts, type Finding } from "../findings/finding.ts";

/** `ds db check --json`. */
export interface CheckReport {
  status: "ok" | "findings";
  /** What the migrations were compared with; null where git knows no base: all of them are new then. */
  base: string | null;
  /** Names of those that the base does not have. */
  new: string[];
  /** The branch whose rows were looked at; null: none was. */
  branch: string | null;
  /** How many looks at the data would have been needed and were not taken. */
  unsettled: number;
  findings: Finding[];
  /** With the base and the refs that were named, where both sides have migrations. */
  conflicts: RefReport[];
  warnings: string[];
}

export const isClean = ({
  conflicts,
  findings,
}: Pick<CheckReport, "conflicts" | "findings">): boolean =>
  !findings.some(counts) && conflicts.every(({ status }) => status !== "conflict");

/** The last line for a person. */
export function summary(report: CheckReport): string {
  const { base, branch, conflicts, findings, unsettled } = report;
  const of = `${plural(report.new.length, "new migration")}${base === null ? "" : ` against ${base}`}`;
  const looked =
    branch === null
      ? unsettled === 0
        ? ""
        : `; ${plural(unsettled, "look")} at data not taken: leave out --offline`
      : `; rows of ${branch} were looked at`;
  const counting = findings.filter(counts).length;
  const clashes = conflicts.filter(({ status }) => status === "conflict").length;
  const found = [
    ...(counting === 0 ? [] : [plural(counting, "finding")]),
    ...(clashes === 0 ? [] : [plural(clashes, "conflict")]),
  ];
  return `${of}: ${found.length === 0 ? "nothing found" : found.join(", ")}${looked}`;
}

import type { Problem } from "../../../src/refresh/model/problem.ts";

/** A problem in one line: `table: teams: ONLY_NULLABLE_PATH org`. */
export const shownProblem = (problem: Problem): string =>
  `${problem.kind}: ${problem.subject}: ${shownReason(problem)}`;

/** Code and fields of its reason. */
export const shownReason = ({ reason: { code, ...fields } }: Problem): string =>
  [code, ...Object.values(fields).flat()].join(" ");

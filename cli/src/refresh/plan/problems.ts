import { DsError } from "../../errors/ds-error.ts";
import { plural } from "../../lib/format/plural.ts";
import { table } from "../../lib/terminal/table.ts";
import type { Problem } from "../model/problem.ts";
import { problemDocument, problemText } from "../model/problem-text.ts";

/** A person reads the first ones, and runs the command again. */
const mostLines = 60;

/** Everything that speaks against a plan, as one error: nothing has been read yet. */
export class PlanRefused extends DsError {
  readonly problems: readonly Problem[];

  constructor(problems: Problem[], report?: Record<string, unknown>, all = false) {
    const rulesOnly = problems.every(({ kind }) => kind === "rules");
    super(
      rulesOnly ? "CONFIG_INVALID" : "REFUSED",
      `production is not copied: ${summary(problems)}. Nothing was read of it.\n${problemLines(problems, all)}`,
      {
        reason: "PLAN_REFUSED",
        hint: `${hints(problems).join("\n")}\nThen look again: ds db refresh-staging --plan`,
        details: {
          problems: problems.map(problemDocument),
          ...(report === undefined ? {} : { report }),
        },
      },
    );
    this.problems = problems;
  }

  /** With every problem in its message. */
  whole(): PlanRefused {
    const { report } = this.details;
    return new PlanRefused([...this.problems], report as Record<string, unknown> | undefined, true);
  }
}

function hints(problems: Problem[]): string[] {
  const kinds = new Set(problems.map(({ kind }) => kind));
  const isUnsaid = kinds.has("table") || kinds.has("column") || kinds.has("reference");
  return [
    ...(isUnsaid ? ["Write what they are into `refresh` of ds.config.ts."] : []),
    ...(kinds.has("rules") ? ["Mend the rules that are named, in `refresh` of ds.config.ts."] : []),
    ...(kinds.has("skipped")
      ? [
          "Take the rows that others refer to (shared), or let crossTenant empty what refers to them.",
        ]
      : []),
    ...(kinds.has("types")
      ? ["Migrate the one that is behind; for main: ds db migrate --target main."]
      : []),
    ...(kinds.has("access") ? ["Let the role that reads production see all rows of them."] : []),
  ];
}

function summary(problems: Problem[]): string {
  const count = (kind: Problem["kind"]) => problems.filter((each) => each.kind === kind).length;
  const parts: [number, (n: number) => string][] = [
    [
      count("table"),
      (n) => `${plural(n, "table")} of which nobody said what ${n === 1 ? "it is" : "they are"}`,
    ],
    [
      count("column"),
      (n) =>
        `${plural(n, "column")} of which nobody said whether ${n === 1 ? "it is" : "they are"} personal`,
    ],
    [count("skipped"), (n) => `${plural(n, "reference")} to tables that are skipped`],
    [count("reference"), (n) => `${plural(n, "reference")} to rows of a type that is not known`],
    [count("types"), (n) => `${plural(n, "difference")} between production and main`],
    [count("access"), (n) => `${plural(n, "table")} that the role does not see all of`],
    [count("rules"), (n) => `${plural(n, "rule")} that ${n === 1 ? "does" : "do"} not fit`],
  ];
  return parts
    .filter(([n]) => n > 0)
    .map(([n, text]) => text(n))
    .join(", ");
}

/** One line each, and below it what could be written into the configuration. */
function problemLines(problems: Problem[], all: boolean): string {
  const shown = all ? problems : problems.slice(0, mostLines);
  const more = problems.length - shown.length;
  const rows = shown.map((problem) => [
    `  ${problem.subject}`,
    problemText(problem),
    ...(problem.suggestion === undefined ? [] : [`-> ${problem.suggestion}`]),
  ]);
  return [...table(rows), ...(more > 0 ? [`  and ${more} more: --all shows them`] : [])].join("\n");
}

import { DsError } from "../../errors/ds-error.ts";
import { plural } from "../../lib/format/plural.ts";
import { table } from "../../lib/terminal/table.ts";
import type { Problem } from "../model/problem.ts";

/** A person reads the first ones, and runs the command again. */
const mostLines = 60;

/** Everything that speaks against a plan, as one error: nothing has been read yet. */
export function planFailure(problems: Problem[], report?: Record<string, unknown>): DsError {
  const rulesOnly = problems.every(({ kind }) => kind === "rules");
  return new DsError(
    rulesOnly ? "CONFIG_INVALID" : "REFUSED",
    `production is not copied: ${summary(problems)}. Nothing was read of it.\n${problemLines(problems)}`,
    {
      hint: `${hints(problems).join("\n")}\nThen look again: ds db refresh-staging --plan`,
      details: { problems, ...(report === undefined ? {} : { report }) },
    },
  );
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
function problemLines(problems: Problem[]): string {
  const shown = problems.slice(0, mostLines);
  const more = problems.length - shown.length;
  const rows = shown.map(({ subject, message, suggestion }) => [
    `  ${subject}`,
    message,
    ...(suggestion === undefined ? [] : [`-> ${suggestion}`]),
  ]);
  return [...table(rows), ...(more > 0 ? [`  and ${more} more`] : [])].join("\n");
}

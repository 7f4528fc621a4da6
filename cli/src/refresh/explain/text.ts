import type { Style } from "../../lib/terminal/style.ts";
import { problemDocument, problemText } from "../model/problem-text.ts";
import type { Explanation, PassedOver, Sign } from "./explanation.ts";

const because: Record<PassedOver["because"], string> = {
  LESS_EXACT: "less exact",
  AS_EXACT: "says the same",
  NOT_MEANT: "not meant for it: the column needs no rule, or has a type that the mask does not fit",
  SAYS_WHOSE: "it says whose a row is",
  REFERENCE: "it has what the column has that it refers to",
};

const signs: Record<Sign, string> = {
  NOT_NEEDED: "no rule: by type and name nothing personal is expected",
  KEY: "no rule: it is of a key or a reference",
  REFERENCE: "by what it refers to",
  ALLOWED_VALUES: "by the only values that there can be",
  NAME: "by its name",
  TYPE: "by its type",
  NO_MASK: "nothing: no mask fits",
};

const unmasked = {
  keep: "mask.keep()",
  key: "as it is: of a key, a reference or the organization",
  passes: "as it is: by type and name nothing personal is expected",
  unclassified: "no rule says, so nothing is copied",
};

/** For a person: what becomes of it, by which rule, and which others fit. */
export function explanationText(told: Explanation, style: Style): string {
  const lines: [string, string][] =
    told.kind === "column"
      ? [
          ["becomes", told.copied ? becomes(told) : "nothing: it is not copied"],
          ...(told.rule === undefined
            ? []
            : [["by", JSON.stringify(told.rule)] as [string, string]]),
          ["table", `${told.table.name}: ${tableText(told)}`],
        ]
      : [["class", tableText(told)]];
  const others = told.passedOver.map((each): [string, string] => [
    "passed over",
    `${JSON.stringify(each.rule)}: ${each.says} (${because[each.because]})`,
  ]);
  const stops = told.problems.map((problem): [string, string] => ["stops", problemText(problem)]);
  return [
    style.bold(told.kind === "column" ? `${told.path}: ${told.type}` : told.path),
    ...[...lines, ...others, ...stops, ["--init", proposalOf(told)] as const].map(
      ([name, text]) => `  ${name.padEnd(12)} ${text}`,
    ),
  ].join("\n");
}

const becomes = (told: Extract<Explanation, { kind: "column" }>): string =>
  told.mask ?? unmasked[told.unmasked ?? "passes"];

function tableText({ table }: Explanation): string {
  const { class: of, rule, by, way } = table;
  if (of === undefined) return "not decided";
  switch (by) {
    case "rule":
      return `${of}, by ${JSON.stringify(rule)}`;
    case "else":
      return `${of}, by \`else\``;
    case "ledger":
      return `${of}, as a migration tool notes in it what it has applied`;
    default:
      return way.length > 1 ? `${of}, through ${way.slice(1).join(" > ")}` : of;
  }
}

function proposalOf(told: Explanation): string {
  if (told.kind === "column") {
    const { code, by } = told.proposed;
    return code === undefined ? signs[by] : `${code}, ${signs[by]}; values may say more`;
  }
  const { rule, because: question } = told.proposed;
  if (rule === undefined) return "no rule: it is the organization's, or known";
  return `${JSON.stringify(rule)}${question ? `, as ${problemText(question)}` : ""}`;
}

/** The same for programs. */
export const explanationDocument = (told: Explanation) => ({
  ...told,
  problems: told.problems.map(problemDocument),
  ...(told.kind === "table"
    ? {
        proposed: {
          rule: told.proposed.rule ?? null,
          because: told.proposed.because?.reason ?? null,
        },
      }
    : {}),
});

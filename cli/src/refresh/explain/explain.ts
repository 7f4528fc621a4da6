import type { RefreshRules } from "../../config/project-config.ts";
import { draftTables } from "../init/propose.ts";
import { maskCode } from "../masks/mask-code.ts";
import type { Catalogue } from "../model/catalogue.ts";
import { shownColumn, shownName } from "../model/names.ts";
import { isTaken, type TablePlan } from "../model/plan.ts";
import type { Problem } from "../model/problem.ts";
import { buildPlan } from "../plan/build-plan.ts";
import { classify } from "../rules/classify-tables.ts";
import { isLedger } from "../rules/ledgers.ts";
import { linksOf } from "../rules/links-of.ts";
import { finderOf, type Pattern, patternOf } from "../rules/patterns/patterns.ts";
import type { Explanation, PassedOver } from "./explanation.ts";
import type { Place } from "./place.ts";
import { proposedMask } from "./sign.ts";

export interface Ground {
  source: Catalogue;
  target: Catalogue;
  rules: RefreshRules;
}

/** Which rule decides on a table or a column, by the catalogues and the rules alone. */
export function explain({ table, column }: Place, ground: Ground): Explanation {
  const { rules, source } = ground;
  const { plan, problems } = buildPlan(ground);
  const planned = plan.tables.find(
    ({ table: { schema, name } }) => schema === table.schema && name === table.name,
  );
  const found = patternsAt(rules.tables, table);
  const by = reasonOf(planned, found[0], isLedger(table));
  const told = {
    name: shownName(table),
    class: planned?.class,
    rule: by === "rule" ? found[0]?.text : undefined,
    by,
    way: planned?.path ?? [],
  };
  const path = column ? shownColumn(table, column.name) : told.name;
  const about = problems.filter(({ subject, reason }) =>
    [subject, "of" in reason ? reason.of : "", "column" in reason ? reason.column : ""].includes(
      path,
    ),
  );
  if (column === undefined) {
    const passedOver = found.slice(told.rule === undefined ? 0 : 1).map(
      (pattern): PassedOver => ({
        rule: pattern.text,
        says: JSON.stringify(pattern.rule),
        because: planned?.class === "root" ? "SAYS_WHOSE" : "LESS_EXACT",
      }),
    );
    const proposed = proposedRule(told.name, ground);
    return { kind: "table", path, table: told, passedOver, problems: about, proposed };
  }
  const decided = planned?.columns.find(({ name }) => name === column.name);
  const code = decided?.mask === undefined ? undefined : rules.columns[decided.rule ?? ""];
  const columnRules = patternsAt(rules.columns, table, column.name);
  const own = columnRules.find(
    ({ text }) => text === decided?.rule && decided.unmasked !== "passes",
  );
  const passedOver = columnRules
    .filter((pattern) => pattern !== own)
    .map(
      (pattern): PassedOver => ({
        rule: pattern.text,
        says: maskCode(pattern.rule),
        because: own ? rank(pattern, own) : ignored(decided, path, ground),
      }),
    );
  return {
    kind: "column",
    path,
    table: told,
    passedOver,
    problems: about,
    type: column.type,
    copied: planned !== undefined && isTaken(planned.class) && decided !== undefined,
    mask: decided?.mask === undefined ? undefined : code ? maskCode(code) : "mask.null()",
    unmasked: decided?.unmasked,
    rule: decided?.unmasked === "passes" ? undefined : decided?.rule,
    proposed: proposedMask({ table, column }, { source, target: ground.target, rules }),
  };
}

const patternsAt = <T>(
  rules: Record<string, T>,
  table: { schema: string; name: string },
  column?: string,
): Pattern<T>[] => {
  const of = column === undefined ? "table" : "column";
  return finderOf(Object.entries(rules).map(([text, rule]) => patternOf(text, rule, of)))(
    table,
    column,
  );
};

function reasonOf(
  planned: TablePlan | undefined,
  rule: Pattern<unknown> | undefined,
  ledger: boolean,
): Explanation["table"]["by"] {
  if (planned === undefined) return undefined;
  if (planned.byElse) return "else";
  if (planned.class === "root") return "path";
  if (ledger && !rule?.table.exact) return "ledger";
  return rule ? "rule" : "path";
}

const rank = (one: Pattern<unknown>, best: Pattern<unknown>): PassedOver["because"] =>
  JSON.stringify(one.rule) === JSON.stringify(best.rule) ? "AS_EXACT" : "LESS_EXACT";

/** Why none of the rules that fit the column's name counts. */
function ignored(
  decided: { rule?: string | undefined; unmasked?: string | undefined } | undefined,
  path: string,
  { source, rules }: Ground,
): PassedOver["because"] {
  if (decided?.rule !== undefined && decided.unmasked !== "passes") return "REFERENCE";
  const { links } = linksOf(source, rules);
  const refers = links.some(({ child, childColumns }) =>
    childColumns.some((name) => shownColumn(child, name) === path),
  );
  if (decided?.unmasked === "key") return refers ? "REFERENCE" : "SAYS_WHOSE";
  return "NOT_MEANT";
}

/** What `--init` would write of a table, and the question that it answers with it. */
function proposedRule(name: string, { source, rules }: Ground) {
  const draft = draftTables(source, undefined, rules.tenant);
  const bare: RefreshRules = { ...rules, tables: {} };
  delete bare.else;
  const { problems } = classify(linksOf(source, rules), bare);
  const because: Problem | undefined = problems.find(({ subject }) => subject === name);
  return { rule: draft?.rules.tables[name], because };
}

import type { RefreshRules } from "../../config/project-config.ts";
import { isHarmlessName, soundsPersonal } from "../masks/keepable.ts";
import { maskCode } from "../masks/mask-code.ts";
import { looksLikePii } from "../masks/sensitive.ts";
import { fittingMasks } from "../masks/suggest.ts";
import type { Catalogue } from "../model/catalogue.ts";
import { shownColumn } from "../model/names.ts";
import { advisedMasks } from "../rules/advised-mask.ts";
import { classify } from "../rules/classify-tables.ts";
import { columnFit } from "../rules/column-fit.ts";
import { isLeading, requiresClassification } from "../rules/column-needs.ts";
import { linksOf } from "../rules/links-of.ts";
import { tenantColumns } from "../rules/tenant.ts";
import { originOf, type TableColumn } from "../rules/tied-columns.ts";
import type { Sign } from "./explanation.ts";

/** What `--init` would propose for a column before it looked at values, and by what. */
export function proposedMask(
  { table, column }: TableColumn,
  { source, target, rules }: { source: Catalogue; target: Catalogue; rules: RefreshRules },
): { code: string | undefined; by: Sign } {
  const { typed, links } = linksOf(source, rules);
  const schema = { catalogue: source, links };
  const { tables, key } = classify(schema, rules);
  const ground = {
    schema,
    tenantColumns: tenantColumns(tables, rules, key, links),
    typeColumns: new Set(typed.map((each) => shownColumn(each.table, each.column))),
  };
  const classified = tables.find((each) => each.table === table) ?? { class: "shared", table };
  if (!requiresClassification(classified, column, ground)) {
    return { code: undefined, by: isLeading(table, column, ground) ? "KEY" : "NOT_NEEDED" };
  }
  const [first] = advisedMasks(table, column, { schema, target });
  if (first === undefined) return { code: undefined, by: "NO_MASK" };
  const code = maskCode(first);
  if (originOf({ table, column }, links).column !== column) return { code, by: "REFERENCE" };
  const { type, unique, notNull, labels } = columnFit(table, column.name, source, target);
  if (labels !== undefined && /^mask\.(keep|dictionary)\(/.test(code))
    return { code, by: "ALLOWED_VALUES" };
  const [usual] = fittingMasks("column", type, { unique, notNull });
  const named = [
    looksLikePii(column.name, type),
    isHarmlessName(column.name),
    soundsPersonal(column.name),
  ];
  const differs = usual === undefined || maskCode(usual) !== code;
  return {
    code,
    by: differs || (named.includes(true) && type.family === "text") ? "NAME" : "TYPE",
  };
}

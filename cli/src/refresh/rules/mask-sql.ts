import type { Mask } from "../../config/define/masks.ts";
import { quoteIdentifier } from "../../postgres/quote.ts";
import { type MaskResult, maskedColumn } from "../masks/masks.ts";
import type { Catalogue } from "../model/catalogue.ts";
import { ofAnyLength } from "../model/column-type.ts";
import { columnFit } from "./column-fit.ts";
import type { Schema } from "./links.ts";
import { originOf, type TableColumn } from "./tied-columns.ts";

/**
 * A mask on the source's row `t`, of the type that is loaded. Where a column refers to one of another type, the
 * mask is made as that one's is: for the length of a text, for one, makes another mask.
 */
export function maskSql(
  mask: Mask,
  of: TableColumn,
  { schema, target }: { schema: Schema; target: Catalogue },
): MaskResult {
  const { catalogue, links } = schema;
  const { table, column } = of;
  const value = `t.${quoteIdentifier(column.name)}`;
  const own = columnFit(table, column.name, catalogue, target);
  const made = maskedColumn(mask, { ...own, value });
  const origin = originOf(of, links);
  const first = columnFit(origin.table, origin.column.name, catalogue, target);
  if ("misfit" in made || mask.mask === "sql" || first.target === own.target) return made;
  const base = `${ofAnyLength(first.type.base)}${first.type.array ? "[]" : ""}`;
  const asOrigin = maskedColumn(mask, { ...first, value: `${value}::${base}` });
  return "sql" in asOrigin ? { sql: `(${asOrigin.sql})::${own.target}` } : made;
}

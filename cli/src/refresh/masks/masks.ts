import type { Constant, Mask } from "../../config/define/masks.ts";
import { quoteLiteral } from "../../postgres/quote.ts";
import type { ColumnType } from "../model/column-type.ts";
import type { MaskMisfit } from "../model/problem.ts";
import { elementSql } from "./element.ts";
import { type MaskedColumn, misfitOf } from "./misfit.ts";

export type MaskResult = { sql: string } | { misfit: MaskMisfit };

/** The SQL of the mask on this column, or why it does not fit. */
export function maskedColumn(mask: Mask, column: MaskedColumn): MaskResult {
  const { value, target, type } = column;
  if (mask.mask === "keep") return { sql: value };
  const misfit = misfitOf(mask, column);
  if (misfit !== undefined) return { misfit };
  if (mask.mask === "null") return { sql: `null::${target}` };
  if (mask.mask === "sql") {
    const sql = mask.expression.replaceAll("{value}", value);
    return { sql: `case when ${value} is not null then (${sql})::${target} end` };
  }
  if (mask.mask === "constant") {
    const constant = constantLiteral(mask.value, type);
    return { sql: `case when ${value} is not null then ${constant}::${target} end` };
  }
  if (!type.array) return { sql: `(${elementSql(mask, value, type)})::${target}` };
  const element = elementSql(mask, "a.v", type);
  return {
    sql: `case when cardinality(${value}) = 0 then ${value} else (select array_agg(${element} order by a.n) from unnest(${value}) with ordinality a(v, n))::${target} end`,
  };
}

function constantLiteral(value: Constant, { family, array }: ColumnType): string {
  if (family === "json" && !array) return quoteLiteral(JSON.stringify(value));
  if (family === "bytea" && !array) return `convert_to(${quoteLiteral(String(value))}, 'UTF8')`;
  return quoteLiteral(String(value));
}

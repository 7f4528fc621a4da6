import type { MaskingRule } from "../model/masking-rule.ts";
import { identifier } from "./quote.ts";
import type { TableFacts } from "./table-facts.ts";

/** A rule whose table and column are there. */
export interface Masked {
  rule: MaskingRule;
  table: TableFacts;
  /** The new value as SQL on a row `t`. */
  value: string;
}

export interface RefusedRule {
  rule: MaskingRule;
  why: string;
}

export const nameOf = ({ schema, name }: Pick<TableFacts, "schema" | "name">): string =>
  `${identifier(schema)}.${identifier(name)}`;

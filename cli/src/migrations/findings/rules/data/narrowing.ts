import { quoteIdentifier } from "../../../../postgres/quote.ts";
import type { ColumnType } from "../../actions/action.ts";
import { typeText } from "../../actions/names.ts";
import { rowsProbe } from "../../probes/rows.ts";
import { ruleOn } from "../rule.ts";
import { column, rows, shown } from "../words.ts";

/** What is rounded or cut without an error. */
export const narrowing = ruleOn(["set-type"], {
  name: "narrowing",
  group: "data-loss",
  severity: "warning",
  what: "A change of type that rounds or cuts values; an error where there are such values",
  peers: ["pg-schema-diff"],
  find(action, { schema }) {
    const { table, type, using } = action;
    const old = schema.column(table, action.column);
    if (old === undefined || old.isNew || schema.table(table)?.isNew) return undefined;
    if (!losesSome(old.type, type, using)) return undefined;
    const name = `ds.${quoteIdentifier(action.column)}`;
    return {
      table,
      says: `makes ${typeText(type)} of ${column(action.column)} of ${shown(table)}, which was ${typeText(old.type)}: what does not fit is rounded or cut`,
      probe: rowsProbe({
        schema,
        table,
        condition: `${name} is distinct from ${name}::${target(type)}::${target(old.type)}`,
        found: (count) => `${rows(count, "has", "have")} a value that would be another one`,
        ifFound: "error",
        ifNone: undefined,
      }),
    };
  },
});

const target = ({ array, modifiers, quoted }: ColumnType): string =>
  `${quoted}${modifiers.length > 0 ? `(${modifiers.join(", ")})` : ""}${array ? "[]" : ""}`;

const ranks = ["date", "timestamp", "timestamptz"];
const whole = /^int[248]$/;
const broken = /^(?:numeric|float4|float8)$/;

/** An integer that is too large is an error of its own, and so is a text that is too long, but for an explicit cast. */
function losesSome(from: ColumnType, to: ColumnType, using: string | undefined): boolean {
  if (from.array || to.array) return false;
  if (broken.test(from.name) && whole.test(to.name)) return true;
  if (from.name === "float8" && to.name === "float4") return true;
  if (from.name === "numeric" && to.name === "numeric") {
    const [, scale] = to.modifiers;
    const [, oldScale = Number.POSITIVE_INFINITY] = from.modifiers;
    return to.modifiers.length > 0 && (scale ?? 0) < oldScale;
  }
  if (ranks.includes(from.name) && to.name === "date" && from.name !== "date") return true;
  const isText =
    /^(?:text|varchar|bpchar)$/.test(from.name) && /^(?:varchar|bpchar)$/.test(to.name);
  return isText && using !== undefined && to.modifiers.length > 0;
}

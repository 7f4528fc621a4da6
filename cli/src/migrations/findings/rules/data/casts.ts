import { quoteIdentifier, quoteLiteral } from "../../../../postgres/quote.ts";
import type { ColumnType } from "../../actions/action.ts";
import { typeText } from "../../actions/names.ts";
import type { SchemaModel } from "../../model/schema-model.ts";
import { rowsProbe } from "../../probes/rows.ts";
import { ruleOn } from "../rule.ts";
import { storesAnew } from "../types.ts";
import { column, rows, shown } from "../words.ts";

export const casts = ruleOn(["set-type"], {
  name: "casts",
  group: "data",
  severity: "note",
  what: "A change of type that values do not survive: it fails",
  peers: ["atlas MF104"],
  find(action, { schema }) {
    const { table, type, using } = action;
    const old = schema.column(table, action.column);
    if (schema.table(table)?.isNew || old?.isNew) return undefined;
    if (old !== undefined && using === undefined && !storesAnew(old.type, type)) return undefined;
    const name = quoteIdentifier(action.column);
    const condition = isOfColumn(using, action.column) ? unreadable(name, type, schema) : undefined;
    return {
      table,
      says: `fails if a value of ${column(action.column)} of ${shown(table)} is no ${typeText(type)}`,
      probe:
        condition === undefined
          ? undefined
          : rowsProbe({
              schema,
              table,
              condition,
              found: (count) => `${rows(count, "has", "have")} a value that is none`,
              ifFound: "error",
              ifNone: undefined,
            }),
    };
  },
});

/** Nothing, or the column with casts and parentheses around it: what it makes of a value is the type's own business. */
function isOfColumn(using: string | undefined, name: string): boolean {
  if (using === undefined) return true;
  const bare = using.replaceAll(/[()\s"]/g, "").replaceAll(/::[\w.]+(?:\[\])?/g, "");
  return bare === name || bare.endsWith(`.${name}`);
}

/** @param name quoted */
function unreadable(name: string, type: ColumnType, schema: SchemaModel): string {
  const text = `ds.${name}::text`;
  const values = schema.enumValues(type.quoted);
  if (values !== undefined && !type.array) {
    const listed = values.map(quoteLiteral).join(", ");
    return values.length === 0 ? `ds.${name} is not null` : `${text} not in (${listed})`;
  }
  const modifiers = type.modifiers.length > 0 ? `(${type.modifiers.join(", ")})` : "";
  const target = `${type.quoted}${modifiers}${type.array ? "[]" : ""}`;
  return `not pg_input_is_valid(${text}, ${quoteLiteral(target)})`;
}

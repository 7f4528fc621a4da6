import { typeText } from "../../actions/names.ts";
import { ruleOn } from "../rule.ts";
import { storesAnew } from "../types.ts";
import { column, shown } from "../words.ts";

export const changedType = ruleOn(["set-type"], {
  name: "changed-type",
  group: "application",
  severity: "warning",
  what: "`ALTER COLUMN … TYPE` to another kind of type, which what runs may not read",
  peers: ["squawk changing-column-type", "strong_migrations change_column"],
  find(action, { schema }) {
    const { table, type } = action;
    const old = schema.column(table, action.column);
    if (schema.table(table)?.isNew || old?.isNew) return undefined;
    if (old !== undefined && (!storesAnew(old.type, type) || isWider(old.type.name, type.name)))
      return undefined;
    const from = old === undefined ? "" : ` from ${typeText(old.type)}`;
    return {
      table,
      says: `changes ${column(action.column)} of ${shown(table)}${from} to ${typeText(type)}: an application that runs may not read or write that`,
      instead:
        "add a column of the new type, write to both, move the readers over, and drop the old one in a later deployment",
    };
  },
});

const sizes: Readonly<Record<string, number>> = { int2: 2, int4: 4, int8: 8 };
const isWider = (from: string, to: string): boolean =>
  (sizes[to] ?? 0) > (sizes[from] ?? Number.POSITIVE_INFINITY);

import { quoteIdentifier } from "../../../../postgres/quote.ts";
import { rowsProbe } from "../../probes/rows.ts";
import { ruleOn } from "../rule.ts";
import { column, rows, shown } from "../words.ts";

export const dropColumn = ruleOn(["drop-column"], {
  name: "drop-column",
  group: "data-loss",
  severity: "warning",
  what: "`DROP COLUMN`; an error where it has values",
  peers: [
    "squawk ban-drop-column",
    "atlas DS103",
    "strong_migrations remove_column",
    "pg-schema-diff DELETES_DATA",
  ],
  find(action, { schema }) {
    const { table } = action;
    const old = schema.column(table, action.column);
    if (schema.table(table)?.isNew || old?.isNew) return undefined;
    const back =
      old?.notNull && !old.hasDefault
        ? "; it cannot be added again as it is, as it is NOT NULL without a default"
        : "";
    return {
      table,
      says: `drops ${column(action.column)} of ${shown(table)} and its values${back}`,
      instead: "take it out of the application first, and drop it in a later deployment",
      probe: rowsProbe({
        schema,
        table,
        condition: `${quoteIdentifier(action.column)} is not null`,
        found: (count) => `${rows(count, "has", "have")} a value there`,
        ifFound: "error",
        ifNone: "note",
      }),
    };
  },
});

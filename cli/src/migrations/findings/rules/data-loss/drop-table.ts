import { rowsProbe } from "../../probes/rows.ts";
import { ruleOn } from "../rule.ts";
import { rows, shown } from "../words.ts";

export const dropTable = ruleOn(["drop-table"], {
  name: "drop-table",
  group: "data-loss",
  severity: "warning",
  what: "`DROP TABLE`; an error where the table has rows",
  peers: ["squawk ban-drop-table", "atlas DS102", "pg-schema-diff DELETES_DATA"],
  find({ table }, { schema }) {
    if (schema.table(table)?.isNew) return undefined;
    return {
      table,
      says: `drops ${shown(table)} and all of its rows`,
      instead: "take it out of the application first, and drop it in a later deployment",
      probe: rowsProbe({
        schema,
        table,
        found: (count) => `${rows(count)} would go`,
        ifFound: "error",
        ifNone: "note",
      }),
    };
  },
});

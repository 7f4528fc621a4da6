import { rowsProbe } from "../../probes/rows.ts";
import { ruleOn } from "../rule.ts";
import { rows, shown } from "../words.ts";

export const deleteAll = ruleOn(["delete"], {
  name: "delete-all",
  group: "data-loss",
  severity: "warning",
  what: "`DELETE` without a condition; an error where there are rows",
  peers: ["atlas DS"],
  find({ all, table }, { schema }) {
    if (!all || schema.table(table)?.isNew) return undefined;
    return {
      table,
      says: `deletes every row of ${shown(table)}: it has no WHERE`,
      probe: rowsProbe({
        schema,
        table,
        found: (count) => `${rows(count)} would go`,
        ifFound: "error",
        ifNone: undefined,
      }),
    };
  },
});

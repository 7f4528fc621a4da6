import { rowsProbe } from "../../probes/rows.ts";
import { ruleOn } from "../rule.ts";
import { rows, shown } from "../words.ts";

export const truncate = ruleOn(["truncate"], {
  name: "truncate",
  group: "data-loss",
  severity: "warning",
  what: "`TRUNCATE`; an error where there are rows",
  peers: ["strong_migrations"],
  find: ({ tables }, { schema }) =>
    tables
      .filter((table) => !schema.table(table)?.isNew)
      .map((table) => ({
        table,
        says: `empties ${shown(table)}`,
        probe: rowsProbe({
          schema,
          table,
          found: (count) => `${rows(count)} would go`,
          ifFound: "error",
          ifNone: undefined,
        }),
      })),
});

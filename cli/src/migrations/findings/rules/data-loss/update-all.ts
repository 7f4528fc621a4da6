import { ruleOn } from "../rule.ts";
import { columns, shown } from "../words.ts";

export const updateAll = ruleOn(["update"], {
  name: "update-all",
  group: "data-loss",
  severity: "warning",
  what: "`UPDATE` without a condition of columns that were there before",
  peers: [],
  find({ all, columns: changed, table }, { schema }) {
    if (!all || schema.table(table)?.isNew) return undefined;
    const old = changed.filter((name) => !schema.column(table, name)?.isNew);
    return old.length === 0
      ? undefined
      : {
          table,
          says: `overwrites ${columns(old)} in every row of ${shown(table)}: it has no WHERE`,
        };
  },
});

import { ruleOn } from "../rule.ts";
import { column, shown } from "../words.ts";

export const stillSelected = ruleOn(["drop-column", "drop-table"], {
  name: "still-selected",
  group: "application",
  severity: "warning",
  what: "`DROP TABLE` or `DROP COLUMN` of what an application that runs may still select",
  peers: ["squawk ban-drop-column", "squawk ban-drop-table", "strong_migrations remove_column"],
  find(action, { schema }) {
    const { table } = action;
    if (schema.table(table)?.isNew) return undefined;
    const name = action.kind === "drop-column" ? action.column : undefined;
    if (name !== undefined && schema.column(table, name)?.isNew) return undefined;
    return {
      table,
      ...(name === undefined ? {} : { column: name }),
      says:
        name === undefined
          ? `an application that runs may still select from ${shown(table)}`
          : `an application that runs may still select ${column(name)} of ${shown(table)}: Drizzle names every column that its schema has`,
      instead: "deploy the application without it first",
    };
  },
});

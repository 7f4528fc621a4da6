import { bareName } from "../../actions/names.ts";
import { ruleOn } from "../rule.ts";
import { columns, shown } from "../words.ts";

export const dropType = ruleOn(["drop-type"], {
  name: "drop-type",
  group: "data-loss",
  severity: "error",
  what: "`DROP TYPE … CASCADE` of a type that columns have",
  peers: [],
  find({ cascade, type }, { schema }) {
    if (!cascade) return undefined;
    const using = schema
      .tables()
      .filter(({ isNew }) => !isNew)
      .flatMap((table) =>
        [...table.columns.values()]
          .filter((one) => one.type.name === bareName(type))
          .map((one) => ({ table: table.name, column: one.name })),
      );
    return using.map(({ column, table }) => ({
      table,
      says: `drops ${shown(type)}, and with it ${columns([column])} of ${shown(table)} and its values`,
    }));
  },
});

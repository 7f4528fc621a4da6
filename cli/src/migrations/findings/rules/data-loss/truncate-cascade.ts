import { ruleOn } from "../rule.ts";
import { shown } from "../words.ts";

export const truncateCascade = ruleOn(["truncate"], {
  name: "truncate-cascade",
  group: "data-loss",
  severity: "error",
  what: "`TRUNCATE … CASCADE`, with the tables that it reaches",
  peers: ["squawk ban-truncate-cascade"],
  find({ cascade, tables }, { schema }) {
    if (!cascade) return undefined;
    const named = new Set(tables.map((table) => schema.qualified(table)));
    const reached = new Set(named);
    for (const name of reached) {
      for (const table of schema.tables()) {
        if (
          table.constraints.some(
            ({ references }) => references && schema.qualified(references) === name,
          )
        ) {
          reached.add(table.name);
        }
      }
    }
    const more = [...reached].filter((name) => !named.has(name) && !schema.table(name)?.isNew);
    const shownTables = tables.map(shown).join(", ");
    if (more.length > 0) {
      return {
        table: tables[0],
        says: `empties ${more.map(shown).join(", ")} as well, which refer to ${shownTables}`,
      };
    }
    const isKnown = tables.every((table) => schema.table(table) !== undefined);
    return isKnown
      ? undefined
      : {
          table: tables[0],
          says: `empties every table that refers to ${shownTables} as well`,
          severity: "warning",
        };
  },
});

import { ruleOn } from "../rule.ts";
import { column, shown } from "../words.ts";

export const droppedConstraint = ruleOn(["drop-constraint"], {
  name: "drop-constraint",
  group: "application",
  severity: "note",
  what: "`DROP CONSTRAINT`: what kept the rows in order is gone",
  peers: ["atlas CD101"],
  find({ name, table }, { actions, schema }) {
    const isReplaced = actions.some(
      (one) => one.kind === "add-constraint" && one.constraint.name === name,
    );
    if (schema.table(table)?.isNew || isReplaced) return undefined;
    return {
      table,
      says: `drops the constraint ${column(name)} of ${shown(table)}: rows that it refused are taken from then on`,
    };
  },
});

export const droppedIndex = ruleOn(["drop-index"], {
  name: "drop-index",
  group: "application",
  severity: "note",
  what: "`DROP INDEX`: queries that use it get slow",
  peers: ["pg-schema-diff INDEX_DROPPED"],
  find({ index }, { schema }) {
    const known = schema.tableOfIndex(index);
    if (known?.table.isNew) return undefined;
    return {
      table: known?.table.name,
      says: `drops the index ${shown(index)}: queries that use it read the whole table`,
    };
  },
});

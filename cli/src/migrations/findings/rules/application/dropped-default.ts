import { ruleOn } from "../rule.ts";
import { column, shown } from "../words.ts";

export const droppedDefault = ruleOn(["drop-default", "drop-identity"], {
  name: "dropped-default",
  group: "application",
  severity: "warning",
  what: "`DROP DEFAULT` or `DROP IDENTITY` of a column that must not be null",
  peers: [],
  find(action, { schema }) {
    const { table } = action;
    const old = schema.column(table, action.column);
    if (old === undefined || old.isNew || !old.notNull || (!old.hasDefault && !old.identity))
      return undefined;
    return {
      table,
      says: `takes the default from ${column(action.column)} of ${shown(table)}, which must not be null: inserts of an application that runs fail if they leave it out`,
    };
  },
});

export const changedDefault = ruleOn(["set-default"], {
  name: "changed-default",
  group: "application",
  severity: "note",
  what: "`SET DEFAULT` of a column that had another one",
  peers: [],
  find(action, { schema }) {
    const { table } = action;
    const old = schema.column(table, action.column);
    if (old === undefined || old.isNew || !old.hasDefault) return undefined;
    return {
      table,
      says: `changes the default of ${column(action.column)} of ${shown(table)}; the rows that are there keep the old one`,
    };
  },
});

export const nowNullable = ruleOn(["drop-not-null"], {
  name: "now-nullable",
  group: "application",
  severity: "note",
  what: "`DROP NOT NULL`: what runs may not expect a null",
  peers: ["squawk ban-drop-not-null"],
  find(action, { schema }) {
    const { table } = action;
    if (schema.table(table)?.isNew || schema.column(table, action.column)?.isNew) return undefined;
    return {
      table,
      says: `lets ${column(action.column)} of ${shown(table)} be null: an application that runs may not expect that`,
    };
  },
});

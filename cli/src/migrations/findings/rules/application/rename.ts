import { ruleOn } from "../rule.ts";
import { column, shown } from "../words.ts";

const expand =
  "add the new one, write to both, move the readers over, and drop the old one in a later deployment";

export const renameTable = ruleOn(["rename"], {
  name: "rename-table",
  group: "application",
  severity: "warning",
  what: "`RENAME` of a table or view: what runs still uses the old name",
  peers: ["squawk renaming-table", "atlas BC101", "strong_migrations rename_table"],
  find({ from, table, to, what }, { schema }) {
    if ((what !== "table" && what !== "view") || schema.table(table)?.isNew) return undefined;
    return {
      table,
      says: `renames ${shown(table)} to ${column(to)}: an application that runs still says ${column(from)}`,
      instead: `rename it, and leave a view with the old name until nobody uses it`,
    };
  },
});

export const renameColumn = ruleOn(["rename"], {
  name: "rename-column",
  group: "application",
  severity: "warning",
  what: "`RENAME COLUMN`: what runs still uses the old name",
  peers: ["squawk renaming-column", "atlas BC102", "strong_migrations rename_column"],
  find({ from, table, to, what }, { schema }) {
    if (what !== "column" || schema.table(table)?.isNew || schema.column(table, from)?.isNew)
      return undefined;
    return {
      table,
      says: `renames ${column(from)} of ${shown(table)} to ${column(to)}: an application that runs still says ${column(from)}`,
      instead: expand,
    };
  },
});

export const renameOther = ruleOn(["rename", "rename-enum-value", "move-to-schema"], {
  name: "rename-other",
  group: "application",
  severity: "warning",
  what: "`RENAME` of a schema, a type, or a value of an enum, and `SET SCHEMA`",
  peers: ["strong_migrations rename_schema"],
  find(action, { schema }) {
    if (action.kind === "rename-enum-value") {
      return {
        says: `renames the value '${action.from}' of ${shown(action.type)}: an application that runs still says the old one`,
        instead: "add the new value, move the rows over, and leave the old one",
      };
    }
    if (action.kind === "move-to-schema") {
      if (schema.table(action.name)?.isNew) return undefined;
      return {
        says: `moves ${shown(action.name)} to the schema ${column(action.to)}: an application that runs looks for it where it was`,
      };
    }
    if (action.what !== "schema" && action.what !== "type") return undefined;
    const from = action.what === "type" ? shown(action.from) : column(action.from);
    return {
      says: `renames the ${action.what} ${from} to ${column(action.to)}: an application that runs still says ${from}`,
      instead: expand,
    };
  },
});

import { ruleOn } from "../rule.ts";
import { column } from "../words.ts";

export const dropSchema = ruleOn(["drop-schema"], {
  name: "drop-schema",
  group: "data-loss",
  severity: "error",
  what: "`DROP SCHEMA … CASCADE` of a schema with tables",
  peers: ["atlas DS101"],
  find({ cascade, schema: name }, { schema }) {
    if (!cascade) return undefined;
    const tables = schema.tablesIn(name).filter(({ isNew }) => !isNew);
    if (tables.length === 0)
      return {
        says: `drops the schema ${column(name)} with all that is in it`,
        severity: "warning",
      };
    const count = tables.length === 1 ? "1 table" : `${tables.length} tables`;
    return { says: `drops the schema ${column(name)} with ${count} and their rows` };
  },
});

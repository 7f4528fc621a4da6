import { ruleOn } from "../rule.ts";
import { column } from "../words.ts";

export const dropDatabase = ruleOn(["drop-database"], {
  name: "drop-database",
  group: "data-loss",
  severity: "error",
  what: "`DROP DATABASE`",
  peers: ["squawk ban-drop-database"],
  find: ({ database }) => ({ says: `drops the database ${column(database)}` }),
});

import { rowsProbe } from "../../probes/rows.ts";
import { ruleOn } from "../rule.ts";
import { column, rows, shown } from "../words.ts";

export const requiredColumn = ruleOn(["add-column"], {
  name: "required-column",
  group: "application",
  severity: "warning",
  what: "`ADD COLUMN … NOT NULL` without a default; an error where the table has rows, as it fails",
  peers: ["squawk adding-required-field", "atlas MF103", "strong_migrations add_column"],
  find({ column: added, table }, { schema }) {
    const old = schema.table(table);
    const fills =
      (added.default !== undefined && !added.default.isNull) || added.identity || added.serial;
    if (old?.isNew || !added.notNull || fills || added.generated !== undefined) return undefined;
    return {
      table,
      says: `adds ${column(added.name)} to ${shown(table)}, which must not be null and has no default: it fails where there are rows, and inserts of an application that runs fail after it`,
      instead: "add it with a default, or nullable first",
      probe: rowsProbe({
        schema,
        table,
        found: (count) => `${rows(count, "has", "have")} no value for it`,
        ifFound: "error",
        ifNone: "warning",
      }),
    };
  },
});

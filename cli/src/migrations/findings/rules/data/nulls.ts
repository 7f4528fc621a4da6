import { quoteIdentifier } from "../../../../postgres/quote.ts";
import { rowsProbe } from "../../probes/rows.ts";
import { type Found, ruleOn, type Subject } from "../rule.ts";
import { column, columns as columnList, rows, shown } from "../words.ts";

export const nulls = ruleOn(["set-not-null", "add-constraint"], {
  name: "nulls",
  group: "data",
  severity: "note",
  what: "NOT NULL (or a primary key) where there are nulls: it fails",
  peers: [],
  find(action, subject) {
    if (action.kind === "set-not-null") return nullsIn(action.table, [action.column], subject);
    const { columns, kind, notValid, usingIndex } = action.constraint;
    const isAsked = kind === "primary-key" || (kind === "not-null" && !notValid);
    return isAsked && usingIndex === undefined
      ? nullsIn(action.table, columns, subject)
      : undefined;
  },
});

function nullsIn(table: string, names: readonly string[], { schema }: Subject): Found | undefined {
  const model = schema.table(table);
  if (model?.isNew) return undefined;
  const open = names.filter((name) => {
    const known = model?.columns.get(name);
    return known === undefined || (!known.notNull && !known.isNew);
  });
  if (open.length === 0) return undefined;
  return {
    table,
    says: `fails if ${columnList(open)} of ${shown(table)} is null anywhere`,
    instead: "fill these rows in first",
    probe: rowsProbe({
      schema,
      table,
      condition: open.map((name) => `${quoteIdentifier(name)} is null`).join(" or "),
      found: (count) =>
        `${rows(count, "has", "have")} null in ${open.length === 1 ? column(open[0] ?? "") : "one of them"}`,
      ifFound: "error",
      ifNone: undefined,
    }),
  };
}

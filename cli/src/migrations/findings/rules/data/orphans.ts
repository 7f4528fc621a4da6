import { quoteIdentifier } from "../../../../postgres/quote.ts";
import type { NewConstraint } from "../../actions/action.ts";
import type { SchemaModel } from "../../model/schema-model.ts";
import type { Probe } from "../../probes/probe.ts";
import { rowsProbe } from "../../probes/rows.ts";
import { type Found, ruleOn } from "../rule.ts";
import { constraintText, rows, shown } from "../words.ts";

export const orphans = ruleOn(["add-constraint"], {
  name: "orphans",
  group: "data",
  severity: "note",
  what: "A foreign key that rows do not fulfil: it fails",
  peers: [],
  find({ constraint, table }, { schema }): Found | undefined {
    const { columns, kind, notEnforced, notValid, references } = constraint;
    if (kind !== "foreign-key" || notValid || notEnforced || references === undefined)
      return undefined;
    const model = schema.table(table);
    const isNewColumn = columns.some((name) => model?.columns.get(name)?.isNew);
    if (model?.isNew || isNewColumn) return undefined;
    return {
      table,
      says: `fails if a row of ${shown(table)} refers to none of ${shown(references.table)} by ${constraintText(constraint)}`,
      instead: "settle these rows first",
      probe: orphansProbe(schema, table, constraint),
    };
  },
});

function orphansProbe(
  schema: SchemaModel,
  table: string,
  constraint: NewConstraint,
): Probe | undefined {
  const { columns, references } = constraint;
  if (references === undefined) return undefined;
  const key = schema
    .table(references.table)
    ?.constraints.find(({ kind }) => kind === "primary-key")?.columns;
  const to = references.columns.length > 0 ? references.columns : (key ?? []);
  if (to.length !== columns.length || schema.table(references.table)?.isNew) return undefined;
  const isSet = columns.map((name) => `ds.${quoteIdentifier(name)} is not null`);
  const same = columns.map(
    (name, at) => `referenced.${quoteIdentifier(to[at] ?? "")} = ds.${quoteIdentifier(name)}`,
  );
  return rowsProbe({
    schema,
    table,
    others: [references.table],
    condition: `${isSet.join(" and ")} and not exists (select from ${references.table} as referenced where ${same.join(" and ")})`,
    found: (count) => `${rows(count, "refers", "refer")} to nothing`,
    ifFound: "error",
    ifNone: undefined,
  });
}

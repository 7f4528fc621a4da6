import type { ColumnDef, Constraint } from "libpg-query";
import { relationName } from "../../sql/parsed-statement.ts";
import type { LockCatalogue } from "./catalogue.ts";
import { type LockMode, locksOn, type TableEffect, type TableLock } from "./modes.ts";
import { volatileDefault } from "./volatile-default.ts";

/** A form of ALTER TABLE. */
export interface Form {
  mode: LockMode;
  effects: Omit<TableEffect, "table">[];
  /** Locks on other tables. */
  others: TableLock[];
}

export function addColumn(column: ColumnDef, catalogue: LockCatalogue): Form {
  const form: Form = { mode: "ACCESS EXCLUSIVE", effects: [], others: [] };
  const name = column.colname ?? "";
  const type = typeName(column);
  if (/^(?:small|big)?serial[248]?$/.test(type)) {
    form.effects.push({ kind: "rewrite", reason: `numbers every row for ${name}` });
  }
  for (const node of column.constraints ?? []) {
    if (!("Constraint" in node)) continue;
    const { contype, raw_expr: expression } = node.Constraint;
    if (contype === "CONSTR_IDENTITY") {
      form.effects.push({ kind: "rewrite", reason: `numbers every row for ${name}` });
    } else if (contype === "CONSTR_GENERATED" && node.Constraint.generated_kind !== "v") {
      form.effects.push({ kind: "rewrite", reason: `computes ${name} for every row` });
    } else if (contype === "CONSTR_DEFAULT" && expression !== undefined) {
      const volatile = volatileDefault(expression);
      if (volatile !== undefined) form.effects.push({ kind: "rewrite", reason: volatile });
    } else {
      const constraint = addConstraint(node.Constraint, catalogue);
      // Of a new column there is nothing to look at for NOT NULL beyond its default.
      if (contype !== "CONSTR_NOTNULL") form.effects.push(...constraint.effects);
      form.others.push(...constraint.others);
    }
  }
  return form;
}

export function addConstraint(constraint: Constraint, catalogue: LockCatalogue): Form {
  const { conname, contype, indexname, pktable, skip_validation: notValid } = constraint;
  const what = conname === undefined ? "the constraint" : conname;
  switch (contype) {
    case "CONSTR_FOREIGN":
      return {
        mode: "SHARE ROW EXCLUSIVE",
        effects: notValid ? [] : [{ kind: "scan", reason: `checks every row against ${what}` }],
        others:
          pktable === undefined
            ? []
            : locksOn(catalogue.partitions(relationName(pktable)), "SHARE ROW EXCLUSIVE"),
      };
    case "CONSTR_CHECK":
    case "CONSTR_NOTNULL":
      return {
        mode: "ACCESS EXCLUSIVE",
        effects: notValid ? [] : [{ kind: "scan", reason: `checks every row against ${what}` }],
        others: [],
      };
    case "CONSTR_PRIMARY":
    case "CONSTR_UNIQUE":
    case "CONSTR_EXCLUSION":
      return {
        mode: "ACCESS EXCLUSIVE",
        effects:
          indexname === undefined ? [{ kind: "scan", reason: `builds the index of ${what}` }] : [],
        others: [],
      };
    default:
      return { mode: "ACCESS EXCLUSIVE", effects: [], others: [] };
  }
}

function typeName(column: ColumnDef): string {
  const last = column.typeName?.names?.at(-1);
  return last && "String" in last ? (last.String.sval ?? "") : "";
}

import type { ColumnDef, Constraint, Node } from "libpg-query";
import { volatileDefault } from "../../plan/locks/volatile-default.ts";
import { relationName } from "../../sql/parsed-statement.ts";
import type { ConstraintKind, NewColumn, NewConstraint } from "./action.ts";
import { columnType, isSerial, strings } from "./names.ts";

const kinds: Readonly<Record<string, ConstraintKind>> = {
  CONSTR_CHECK: "check",
  CONSTR_FOREIGN: "foreign-key",
  CONSTR_PRIMARY: "primary-key",
  CONSTR_UNIQUE: "unique",
  CONSTR_EXCLUSION: "exclusion",
  CONSTR_NOTNULL: "not-null",
};

/** @param takeCheck gives the texts of the statement's checks, one after another */
export function newColumn(definition: ColumnDef, takeCheck: () => string | undefined): NewColumn {
  const name = definition.colname ?? "";
  const column: NewColumn = {
    name,
    type: columnType(definition.typeName),
    notNull: definition.is_not_null === true,
    default: undefined,
    identity: false,
    generated: undefined,
    serial: isSerial(definition.typeName),
    constraints: [],
  };
  for (const node of definition.constraints ?? []) {
    if (!("Constraint" in node)) continue;
    const { contype, generated_kind: kind, raw_expr: expression } = node.Constraint;
    if (contype === "CONSTR_NOTNULL") column.notNull = true;
    else if (contype === "CONSTR_IDENTITY") column.identity = true;
    else if (contype === "CONSTR_GENERATED") column.generated = kind === "v" ? "virtual" : "stored";
    else if (contype === "CONSTR_DEFAULT" && expression !== undefined) {
      column.default = { volatile: volatileDefault(expression), isNull: isNull(expression) };
    } else {
      const constraint = newConstraint(node.Constraint, takeCheck);
      if (constraint !== undefined) column.constraints.push({ ...constraint, columns: [name] });
    }
  }
  if (column.identity || column.serial) column.notNull = true;
  if (column.constraints.some(({ kind }) => kind === "primary-key")) column.notNull = true;
  return column;
}

/** Undefined for what only says how another one behaves. */
export function newConstraint(
  constraint: Constraint,
  takeCheck: () => string | undefined,
): NewConstraint | undefined {
  const kind = kinds[constraint.contype ?? ""];
  if (kind === undefined) return undefined;
  const {
    conname: name,
    exclusions = [],
    fk_attrs,
    indexname,
    keys,
    pk_attrs,
    pktable,
  } = constraint;
  const columns = kind === "foreign-key" ? strings(fk_attrs) : strings(keys);
  return {
    kind,
    name,
    columns: kind === "exclusion" ? excluded(exclusions).map(({ column }) => column) : columns,
    operators: kind === "exclusion" ? excluded(exclusions).map(({ operator }) => operator) : [],
    notValid: constraint.skip_validation === true,
    notEnforced: (kind === "check" || kind === "foreign-key") && constraint.is_enforced !== true,
    usingIndex: indexname,
    expression: kind === "check" ? takeCheck() : undefined,
    references:
      pktable === undefined
        ? undefined
        : { table: relationName(pktable), columns: strings(pk_attrs) },
    nullsNotDistinct: constraint.nulls_not_distinct === true,
  };
}

function excluded(exclusions: Node[]): { column: string; operator: string | undefined }[] {
  return exclusions.map((node) => {
    const [element, operator] = "List" in node ? (node.List.items ?? []) : [];
    const column = element && "IndexElem" in element ? element.IndexElem.name : undefined;
    const names = operator && "List" in operator ? strings(operator.List.items) : [];
    return { column: column ?? "", operator: column === undefined ? undefined : names.at(-1) };
  });
}

function isNull(expression: Node): boolean {
  if ("TypeCast" in expression) {
    return expression.TypeCast.arg !== undefined && isNull(expression.TypeCast.arg);
  }
  return "A_Const" in expression && expression.A_Const.isnull === true;
}

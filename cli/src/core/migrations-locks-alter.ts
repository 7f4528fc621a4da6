import type { AlterTableCmd, AlterTableStmt, ColumnDef, Constraint, Node } from "libpg-query";
import type { LockMode, TableEffect, TableLock } from "./migrations-locks.ts";
import { relationName } from "./migrations-statement.ts";

/**
 * ALTER TABLE by its forms. Source: the documentation of PostgreSQL 18, ALTER TABLE, "Description" (an
 * ACCESS EXCLUSIVE lock is taken unless a form says otherwise; several take the strongest) and "Notes"
 * (what rewrites and what scans).
 */

interface Form {
  mode: LockMode;
  effects: Omit<TableEffect, "table">[];
  /** Locks on other tables. */
  others: TableLock[];
}

const strengths: LockMode[] = ["SHARE UPDATE EXCLUSIVE", "SHARE ROW EXCLUSIVE", "ACCESS EXCLUSIVE"];

const shareUpdateExclusive = new Set([
  "AT_SetStatistics",
  "AT_SetOptions",
  "AT_ResetOptions",
  "AT_ClusterOn",
  "AT_DropCluster",
  "AT_SetRelOptions",
  "AT_ResetRelOptions",
  "AT_ValidateConstraint",
]);

const triggers = /^AT_(?:Enable|Disable)(?:Always|Replica)?Trig(?:All|User)?$/;

export function planAlterTable({ relation, cmds = [] }: AlterTableStmt): {
  locks: TableLock[];
  effects: TableEffect[];
} {
  if (relation === undefined) return { locks: [], effects: [] };
  const table = relationName(relation);
  const forms = cmds.flatMap((command) =>
    "AlterTableCmd" in command ? [formOf(command.AlterTableCmd)] : [],
  );
  const strongest = Math.max(0, ...forms.map(({ mode }) => strengths.indexOf(mode)));
  return {
    locks: [
      { table, mode: strengths[strongest] ?? "ACCESS EXCLUSIVE" },
      ...forms.flatMap(({ others }) => others),
    ],
    effects: forms.flatMap(({ effects }) => effects.map((effect) => ({ ...effect, table }))),
  };
}

function formOf(command: AlterTableCmd): Form {
  const { def, name = "", subtype = "AT_AddColumn" } = command;
  const form = (mode: LockMode, kind?: TableEffect["kind"], reason = ""): Form => ({
    mode,
    effects: kind === undefined ? [] : [{ kind, reason }],
    others: [],
  });
  if (shareUpdateExclusive.has(subtype)) {
    return subtype === "AT_ValidateConstraint"
      ? form("SHARE UPDATE EXCLUSIVE", "scan", `checks every row against ${name}`)
      : form("SHARE UPDATE EXCLUSIVE");
  }
  if (triggers.test(subtype)) return form("SHARE ROW EXCLUSIVE");
  switch (subtype) {
    case "AT_AddColumn":
      return def && "ColumnDef" in def ? addColumn(def.ColumnDef) : form("ACCESS EXCLUSIVE");
    case "AT_AddConstraint":
      return def && "Constraint" in def ? addConstraint(def.Constraint) : form("ACCESS EXCLUSIVE");
    case "AT_AlterColumnType":
      return form(
        "ACCESS EXCLUSIVE",
        "rewrite",
        `changes the type of ${name} (not where the old type's values can stay as they are, as from varchar to text)`,
      );
    case "AT_SetNotNull":
      return form(
        "ACCESS EXCLUSIVE",
        "scan",
        `looks for NULL in ${name} (not where a valid CHECK proves that there is none)`,
      );
    case "AT_SetLogged":
    case "AT_SetUnLogged":
    case "AT_SetAccessMethod":
    case "AT_SetTableSpace":
    case "AT_SetExpression":
      return form("ACCESS EXCLUSIVE", "rewrite", "stores every row anew");
    case "AT_AddIdentity":
      return form("ACCESS EXCLUSIVE");
    case "AT_AttachPartition":
    case "AT_DetachPartition":
    case "AT_DetachPartitionFinalize":
      return partition(subtype, def);
    default:
      return form("ACCESS EXCLUSIVE");
  }
}

function addColumn(column: ColumnDef): Form {
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
      const constraint = addConstraint(node.Constraint);
      // Of a new column there is nothing to look at for NOT NULL beyond its default.
      if (contype !== "CONSTR_NOTNULL") form.effects.push(...constraint.effects);
      form.others.push(...constraint.others);
    }
  }
  return form;
}

function addConstraint(constraint: Constraint): Form {
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
            : [{ table: relationName(pktable), mode: "SHARE ROW EXCLUSIVE" }],
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

function partition(subtype: string, def: Node | undefined): Form {
  const command = def && "PartitionCmd" in def ? def.PartitionCmd : undefined;
  const attach = subtype === "AT_AttachPartition";
  const gentle = attach || command?.concurrent || subtype === "AT_DetachPartitionFinalize";
  const table = command?.name === undefined ? undefined : relationName(command.name);
  return {
    mode: gentle ? "SHARE UPDATE EXCLUSIVE" : "ACCESS EXCLUSIVE",
    // The scan is one of the partition, which the reason names: the effect is filed under its parent.
    effects: attach
      ? [
          {
            kind: "scan",
            reason: `checks every row of ${table} against its bounds (not where a valid CHECK proves them)`,
          },
        ]
      : [],
    others: table === undefined ? [] : [{ table, mode: "ACCESS EXCLUSIVE" }],
  };
}

function typeName(column: ColumnDef): string {
  const last = column.typeName?.names?.at(-1);
  return last && "String" in last ? (last.String.sval ?? "") : "";
}

const volatileFunctions = new Set([
  "random",
  "gen_random_uuid",
  "uuidv4",
  "uuidv7",
  "uuid_generate_v4",
  "clock_timestamp",
  "timeofday",
  "nextval",
]);
const stableFunctions = new Set([
  "now",
  "statement_timestamp",
  "transaction_timestamp",
  "current_setting",
  "current_database",
  "to_char",
  "lower",
  "upper",
  "concat",
  "md5",
  "timezone",
  "date_trunc",
  "to_jsonb",
  "jsonb_build_object",
  "json_build_object",
]);

/** Why a new column's default has to be stored in every row, or undefined where it has not. */
function volatileDefault(expression: Node): string | undefined {
  const functions = [...functionsIn(expression)];
  const volatile = functions.find((name) => volatileFunctions.has(name));
  if (volatile !== undefined) return `${volatile}() gives every row a default of its own`;
  const strange = functions.find((name) => !stableFunctions.has(name));
  return strange === undefined
    ? undefined
    : `stores the default in every row, if ${strange}() is volatile`;
}

function* functionsIn(tree: unknown): Generator<string> {
  if (typeof tree !== "object" || tree === null) return;
  for (const [key, child] of Object.entries(tree)) {
    if (key === "FuncCall") {
      const names = (child as { funcname?: Node[] }).funcname ?? [];
      const last = names.at(-1);
      if (last && "String" in last) yield last.String.sval ?? "";
    }
    yield* functionsIn(child);
  }
}

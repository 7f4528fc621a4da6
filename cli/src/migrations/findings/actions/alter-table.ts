import type { AlterTableCmd, AlterTableStmt } from "libpg-query";
import { relationName } from "../../sql/parsed-statement.ts";
import type { Action } from "./action.ts";
import { newColumn, newConstraint } from "./columns.ts";
import { columnType } from "./names.ts";
import type { ExpressionTexts } from "./texts.ts";

/** ALTER TABLE form by form, in their order. */
export function alterations(
  { cmds = [], objtype, relation }: AlterTableStmt,
  { checks, usings }: ExpressionTexts,
): Action[] {
  if (relation === undefined || objtype !== "OBJECT_TABLE") return [];
  const table = relationName(relation);
  const takeCheck = takenFrom(checks);
  const takeUsing = takenFrom(usings);
  return cmds.flatMap((node) =>
    "AlterTableCmd" in node ? alteration(table, node.AlterTableCmd, takeCheck, takeUsing) : [],
  );
}

export function takenFrom(texts: readonly string[]): () => string | undefined {
  let next = 0;
  return () => texts[next++];
}

type Take = () => string | undefined;

function alteration(
  table: string,
  command: AlterTableCmd,
  takeCheck: Take,
  takeUsing: Take,
): Action[] {
  const { behavior, def, missing_ok: missingOk, name = "", subtype = "AT_AddColumn" } = command;
  const cascade = behavior === "DROP_CASCADE";
  const column = name;
  switch (subtype) {
    case "AT_AddColumn":
      return def && "ColumnDef" in def
        ? [
            {
              kind: "add-column",
              table,
              column: newColumn(def.ColumnDef, takeCheck),
              ifNotExists: missingOk === true,
            },
          ]
        : [];
    case "AT_DropColumn":
      return [{ kind: "drop-column", table, column, cascade }];
    case "AT_AlterColumnType": {
      const definition = def && "ColumnDef" in def ? def.ColumnDef : undefined;
      const using = definition?.raw_default === undefined ? undefined : takeUsing();
      return [{ kind: "set-type", table, column, type: columnType(definition?.typeName), using }];
    }
    case "AT_SetNotNull":
      return [{ kind: "set-not-null", table, column }];
    case "AT_DropNotNull":
      return [{ kind: "drop-not-null", table, column }];
    case "AT_ColumnDefault":
      return [{ kind: def === undefined ? "drop-default" : "set-default", table, column }];
    case "AT_AddIdentity":
      return [{ kind: "add-identity", table, column }];
    case "AT_DropIdentity":
      return [{ kind: "drop-identity", table, column }];
    case "AT_SetExpression":
      return [{ kind: "set-expression", table, column }];
    case "AT_DropExpression":
      return [{ kind: "drop-expression", table, column }];
    case "AT_AddConstraint": {
      const constraint =
        def && "Constraint" in def ? newConstraint(def.Constraint, takeCheck) : undefined;
      return constraint === undefined ? [] : [{ kind: "add-constraint", table, constraint }];
    }
    case "AT_ValidateConstraint":
      return [{ kind: "validate-constraint", table, name }];
    case "AT_DropConstraint":
      return [{ kind: "drop-constraint", table, name, cascade }];
    case "AT_SetLogged":
    case "AT_SetUnLogged":
    case "AT_SetAccessMethod":
    case "AT_SetTableSpace":
      return [{ kind: "rewrite-table", table, by: rewrites[subtype] }];
    case "AT_AttachPartition":
    case "AT_DetachPartition": {
      const partition = def && "PartitionCmd" in def ? def.PartitionCmd : undefined;
      if (partition?.name === undefined) return [];
      const kind = subtype === "AT_AttachPartition" ? "attach-partition" : "detach-partition";
      const concurrently = partition.concurrent === true;
      return [{ kind, table, partition: relationName(partition.name), concurrently }];
    }
    case "AT_EnableRowSecurity":
    case "AT_DisableRowSecurity":
      return [
        {
          kind: "row-security",
          table,
          enabled: subtype === "AT_EnableRowSecurity",
          forced: undefined,
        },
      ];
    case "AT_ForceRowSecurity":
    case "AT_NoForceRowSecurity":
      return [
        { kind: "row-security", table, enabled: true, forced: subtype === "AT_ForceRowSecurity" },
      ];
    default:
      return /^AT_(?:En|Dis)able\w*Trig/.test(subtype)
        ? [{ kind: "trigger-state", table, enabled: subtype.startsWith("AT_Enable") }]
        : [];
  }
}

const rewrites = {
  AT_SetLogged: "SET LOGGED",
  AT_SetUnLogged: "SET UNLOGGED",
  AT_SetAccessMethod: "SET ACCESS METHOD",
  AT_SetTableSpace: "SET TABLESPACE",
} as const;

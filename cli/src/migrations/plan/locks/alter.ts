import type { AlterTableCmd, AlterTableStmt, Node } from "libpg-query";
import { relationName } from "../../sql/parsed-statement.ts";
import type { LockCatalogue } from "./catalogue.ts";
import { addColumn, addConstraint, type Form } from "./constraints.ts";
import { locksOfDroppedColumn } from "./drop.ts";
import {
  keysOfPartition,
  lockedToValidate,
  lockedWithColumn,
  lockedWithConstraint,
  type Subject,
} from "./foreign-keys.ts";
import {
  type LockMode,
  locksOn,
  type StatementPlan,
  type TableEffect,
  type TableLock,
} from "./modes.ts";

/**
 * ALTER TABLE by its forms. Source: the documentation of PostgreSQL 18, ALTER TABLE, "Description" (an
 * ACCESS EXCLUSIVE lock is taken unless a form says otherwise; several take the strongest) and "Notes"
 * (what rewrites and what scans).
 */

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

/** These go on to all that inherits from the table. */
const inherited = new Set([
  "AT_AddColumn",
  "AT_DropColumn",
  "AT_AlterColumnType",
  "AT_ColumnDefault",
  "AT_SetNotNull",
  "AT_DropNotNull",
  "AT_SetExpression",
  "AT_DropExpression",
  "AT_SetStatistics",
  "AT_SetStorage",
  "AT_AddConstraint",
  "AT_AlterConstraint",
  "AT_DropConstraint",
  "AT_ValidateConstraint",
]);
/** And these to partitions only. */
const partitionsToo = /^AT_(?:(?:Add|Set|Drop)Identity|(?:En|Dis)able\w*Trig\w*)$/;

export function planAlterTable(
  { cmds = [], objtype, relation }: AlterTableStmt,
  catalogue: LockCatalogue,
): StatementPlan {
  const plan: StatementPlan = { locks: [], effects: [], opaque: false };
  if (relation === undefined) return plan;
  const table = relationName(relation);
  const commands = cmds.flatMap((node) => ("AlterTableCmd" in node ? [node.AlterTableCmd] : []));
  if (objtype === "OBJECT_INDEX") return { ...plan, locks: alterIndex(table, commands, catalogue) };
  const forms = commands.map((command) => formOf(command, { table, catalogue }));
  const strongest = Math.max(0, ...forms.map(({ mode }) => strengths.indexOf(mode)));
  const mode = strengths[strongest] ?? "ACCESS EXCLUSIVE";
  const tables = relation.inh
    ? commands.flatMap((command) => reached(command, table, catalogue))
    : [];
  return {
    ...plan,
    locks: [
      ...[table, ...tables].map((one) => ({ table: one, mode })),
      ...forms.flatMap(({ others }) => others),
    ],
    effects: forms.flatMap(({ effects }) => effects.map((effect) => ({ ...effect, table }))),
  };
}

/** The tables below it that a form goes on to. */
function reached(command: AlterTableCmd, table: string, catalogue: LockCatalogue): string[] {
  const { name = "", subtype = "AT_AddColumn" } = command;
  const own = subtype === "AT_DropConstraint" && catalogue.hasIndex(table, name);
  if (inherited.has(subtype) && !own) return catalogue.family(table);
  return own || partitionsToo.test(subtype) ? catalogue.partitions(table) : [];
}

/** Options of views and of some kinds of index, which Postgres' reloptions.c gives a stronger lock. */
const hardOptions =
  /^(?:security_barrier|security_invoker|check_option|user_catalog_table|buffering|fastupdate|gin_pending_list_limit|pages_per_range|autosummarize)$/;

function setsHardOption({ def, subtype }: AlterTableCmd): boolean {
  if (!/^AT_(?:Set|Reset)RelOptions$/.test(subtype ?? "") || !def || !("List" in def)) return false;
  return (def.List.items ?? []).some(
    (item) => "DefElem" in item && hardOptions.test(item.DefElem.defname ?? ""),
  );
}

/** Its table can be read and written meanwhile. */
function alterIndex(
  index: string,
  commands: AlterTableCmd[],
  catalogue: LockCatalogue,
): TableLock[] {
  const hard = commands.some(
    (command) => command.subtype === "AT_SetTableSpace" || setsHardOption(command),
  );
  const attached = commands.flatMap(({ def }) =>
    def && "PartitionCmd" in def && def.PartitionCmd.name
      ? [relationName(def.PartitionCmd.name)]
      : [],
  );
  const tables = attached.length === 0 ? [] : [index, ...attached];
  return [
    { table: index, mode: hard ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE" },
    ...locksOn(attached, "ACCESS EXCLUSIVE"),
    ...locksOn(
      tables.flatMap((one) => catalogue.tableOfIndex(one) ?? []),
      "ACCESS SHARE",
    ),
  ];
}

function formOf(command: AlterTableCmd, subject: Subject): Form {
  const { behavior, def, name = "", subtype = "AT_AddColumn" } = command;
  const cascade = behavior === "DROP_CASCADE";
  const form = (
    mode: LockMode,
    kind?: TableEffect["kind"],
    reason = "",
    others: TableLock[] = [],
  ): Form => ({ mode, effects: kind === undefined ? [] : [{ kind, reason }], others });
  const { catalogue, table } = subject;
  if (subtype === "AT_ValidateConstraint") {
    const mode = "SHARE UPDATE EXCLUSIVE";
    return form(mode, "scan", `checks every row against ${name}`, lockedToValidate(name, subject));
  }
  if (shareUpdateExclusive.has(subtype)) {
    return form(setsHardOption(command) ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE");
  }
  if (triggers.test(subtype)) return form("SHARE ROW EXCLUSIVE");
  switch (subtype) {
    case "AT_AddColumn":
      return def && "ColumnDef" in def
        ? addColumn(def.ColumnDef, catalogue)
        : form("ACCESS EXCLUSIVE");
    case "AT_AddConstraint":
      return def && "Constraint" in def
        ? addConstraint(def.Constraint, catalogue)
        : form("ACCESS EXCLUSIVE");
    case "AT_DropConstraint":
      return {
        ...form("ACCESS EXCLUSIVE"),
        others: lockedWithConstraint(name, cascade, subject),
      };
    case "AT_AlterConstraint": {
      const constraint = def && "ATAlterConstraint" in def ? def.ATAlterConstraint : undefined;
      return {
        ...form("ACCESS EXCLUSIVE"),
        others: constraint?.alterEnforceability
          ? lockedWithConstraint(constraint.conname ?? "", false, subject)
          : [],
      };
    }
    case "AT_DropColumn": {
      const dropped = cascade ? locksOfDroppedColumn(table, name, catalogue) : [];
      const keys = lockedWithColumn(name, cascade, subject);
      return { ...form("ACCESS EXCLUSIVE"), others: [...keys, ...dropped] };
    }
    case "AT_AlterColumnType":
      return form(
        "ACCESS EXCLUSIVE",
        "rewrite",
        `changes the type of ${name} (not where the old type's values can stay as they are, as from varchar to text)`,
        lockedWithColumn(name, true, subject),
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
    case "AT_AddInherit":
    case "AT_DropInherit":
      return { ...form("ACCESS EXCLUSIVE"), others: parentOf(subtype, def) };
    case "AT_AttachPartition":
    case "AT_DetachPartition":
    case "AT_DetachPartitionFinalize":
      return partition(subtype, def, subject);
    default:
      return form("ACCESS EXCLUSIVE");
  }
}

function partition(
  subtype: string,
  def: Node | undefined,
  { table: parent, catalogue }: Subject,
): Form {
  const command = def && "PartitionCmd" in def ? def.PartitionCmd : undefined;
  const attach = subtype === "AT_AttachPartition";
  const gentle = attach || command?.concurrent || subtype === "AT_DetachPartitionFinalize";
  const table = command?.name === undefined ? undefined : relationName(command.name);
  const moved = table === undefined ? [] : attach ? catalogue.family(table) : [table];
  const rest = catalogue.defaultPartition(parent);
  const changed = rest === undefined ? moved : [...moved, rest];
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
    others: [
      ...locksOn(changed, "ACCESS EXCLUSIVE"),
      ...keysOfPartition(parent, catalogue, attach ? "attached" : "detached"),
    ],
  };
}

function parentOf(subtype: string, def: Node | undefined): TableLock[] {
  if (def === undefined || !("RangeVar" in def)) return [];
  const mode = subtype === "AT_AddInherit" ? "SHARE UPDATE EXCLUSIVE" : "ACCESS SHARE";
  return locksOn([relationName(def.RangeVar)], mode);
}

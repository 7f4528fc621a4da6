import type { Node, RangeVar } from "libpg-query";
import { meansAll } from "../../sql/destructive.ts";
import { hasOption, listName, relationName } from "../../sql/parsed-statement.ts";
import type { Action, Renamed } from "./action.ts";
import { alterations, takenFrom } from "./alter-table.ts";
import { newColumn, newConstraint } from "./columns.ts";
import { drops, word } from "./drop.ts";
import { quotedName, strings } from "./names.ts";
import { expressionTexts } from "./texts.ts";

/**
 * What a statement does, in the order in which it does it; empty where it changes nothing that a rule is about.
 *
 * @param sql the statement's own text
 */
export function actionsOf(node: Node, sql: string): Action[] {
  if ("AlterTableStmt" in node) return alterations(node.AlterTableStmt, expressionTexts(sql));
  if ("CreateStmt" in node) return creation(node, sql);
  if ("CreateTableAsStmt" in node) {
    const { into, objtype } = node.CreateTableAsStmt;
    const table = named(into?.rel);
    return objtype === "OBJECT_MATVIEW"
      ? [{ kind: "create-view", view: table, replace: false }]
      : [{ kind: "create-table-as", table }];
  }
  if ("DropStmt" in node) return drops(node.DropStmt);
  if ("DropdbStmt" in node)
    return [{ kind: "drop-database", database: node.DropdbStmt.dbname ?? "" }];
  if ("DropOwnedStmt" in node)
    return [{ kind: "drop-other", what: "what is owned", name: "", cascade: true }];
  if ("IndexStmt" in node) return index(node);
  if ("ReindexStmt" in node) {
    const { kind = "", name, params, relation } = node.ReindexStmt;
    const what = kind.replace("REINDEX_OBJECT_", "").toLowerCase().replace("system", "database");
    return [
      {
        kind: "reindex",
        what: what as "index",
        name: relation === undefined ? (name ?? "") : relationName(relation),
        concurrently: hasOption(params, "concurrently"),
      },
    ];
  }
  if ("RenameStmt" in node) return renaming(node);
  if ("AlterObjectSchemaStmt" in node) {
    const { newschema = "", object, objectType = "", relation } = node.AlterObjectSchemaStmt;
    const name =
      relation === undefined ? (object && listName(object)) || "" : relationName(relation);
    return [{ kind: "move-to-schema", what: word(objectType), name, to: newschema }];
  }
  return typeActions(node) ?? rowActions(node) ?? otherActions(node);
}

const named = (relation: RangeVar | undefined): string =>
  relation === undefined ? "" : relationName(relation);

const namesIn = (nodes: Node[] = []): string[] =>
  nodes.flatMap((node) => ("RangeVar" in node ? [relationName(node.RangeVar)] : []));

function creation(
  { CreateStmt: statement }: Extract<Node, { CreateStmt: unknown }>,
  sql: string,
): Action[] {
  const { inhRelations = [], ofTypename, partbound, relation, tableElts = [] } = statement;
  const table = named(relation);
  const isCopy = tableElts.some((element) => "TableLikeClause" in element);
  if (partbound || ofTypename || isCopy || inhRelations.length > 0)
    return [{ kind: "create-table-as", table }];
  const takeCheck = takenFrom(expressionTexts(sql).checks);
  const columns = [];
  const constraints = [];
  for (const element of tableElts) {
    if ("ColumnDef" in element) columns.push(newColumn(element.ColumnDef, takeCheck));
    if (!("Constraint" in element)) continue;
    const constraint = newConstraint(element.Constraint, takeCheck);
    if (constraint !== undefined) constraints.push(constraint);
  }
  return [{ kind: "create-table", table, columns, constraints }];
}

function index({ IndexStmt: statement }: Extract<Node, { IndexStmt: unknown }>): Action[] {
  const { indexParams = [], relation } = statement;
  return [
    {
      kind: "create-index",
      table: named(relation),
      index: {
        name: statement.idxname,
        unique: statement.unique === true,
        concurrently: statement.concurrent === true,
        ifNotExists: statement.if_not_exists === true,
        method: statement.accessMethod ?? "btree",
        columns: indexParams.map((node) => ("IndexElem" in node ? node.IndexElem.name : undefined)),
        partial: statement.whereClause !== undefined,
        nullsNotDistinct: statement.nulls_not_distinct === true,
      },
    },
  ];
}

const renamed: Readonly<Record<string, Renamed>> = {
  OBJECT_TABLE: "table",
  OBJECT_FOREIGN_TABLE: "table",
  OBJECT_VIEW: "view",
  OBJECT_MATVIEW: "view",
  OBJECT_COLUMN: "column",
  OBJECT_SCHEMA: "schema",
  OBJECT_TYPE: "type",
  OBJECT_DOMAIN: "type",
  OBJECT_TABCONSTRAINT: "constraint",
  OBJECT_INDEX: "index",
  OBJECT_ATTRIBUTE: "attribute",
};

function renaming({ RenameStmt: statement }: Extract<Node, { RenameStmt: unknown }>): Action[] {
  const { newname: to = "", object, relation, relationType, renameType = "", subname } = statement;
  const what = renamed[renameType] ?? "other";
  const onView = what === "column" && relationType !== "OBJECT_TABLE";
  const table = named(relation);
  const from = subname ?? (relation?.relname || (object && listName(object)) || "");
  return onView ? [] : [{ kind: "rename", what, table, from, to }];
}

function typeActions(node: Node): Action[] | undefined {
  if ("CreateEnumStmt" in node) {
    const { typeName, vals } = node.CreateEnumStmt;
    return [{ kind: "create-enum", type: quotedName(strings(typeName)), values: strings(vals) }];
  }
  if ("AlterEnumStmt" in node) {
    const { newVal = "", newValNeighbor, oldVal, typeName } = node.AlterEnumStmt;
    const type = quotedName(strings(typeName));
    return oldVal === undefined
      ? [{ kind: "add-enum-value", type, value: newVal, placed: newValNeighbor !== undefined }]
      : [{ kind: "rename-enum-value", type, from: oldVal, to: newVal }];
  }
  if ("CreateDomainStmt" in node) {
    const { constraints = [], domainname } = node.CreateDomainStmt;
    const constrained = constraints.some(
      (one) => "Constraint" in one && /CHECK|NOTNULL/.test(one.Constraint.contype ?? ""),
    );
    return [{ kind: "create-domain", type: quotedName(strings(domainname)), constrained }];
  }
  if ("AlterDomainStmt" in node) {
    const { def, subtype = "", typeName } = node.AlterDomainStmt;
    if (!/^[OC]$/.test(subtype)) return [];
    const notValid =
      def !== undefined && "Constraint" in def && def.Constraint.skip_validation === true;
    return [{ kind: "constrain-domain", type: quotedName(strings(typeName)), notValid }];
  }
  return undefined;
}

function rowActions(node: Node): Action[] | undefined {
  if ("SelectStmt" in node)
    return node.SelectStmt.fromClause === undefined ? [] : [{ kind: "query" }];
  if ("TruncateStmt" in node) {
    const { behavior, relations } = node.TruncateStmt;
    return [{ kind: "truncate", tables: namesIn(relations), cascade: behavior === "DROP_CASCADE" }];
  }
  if ("DeleteStmt" in node) {
    const { relation, usingClause, whereClause } = node.DeleteStmt;
    return [
      {
        kind: "delete",
        table: named(relation),
        all: usingClause === undefined && meansAll(whereClause),
      },
    ];
  }
  if ("UpdateStmt" in node) {
    const { fromClause, relation, targetList = [], whereClause } = node.UpdateStmt;
    const columns = targetList.flatMap((one) =>
      "ResTarget" in one ? (one.ResTarget.name ?? []) : [],
    );
    const all = fromClause === undefined && meansAll(whereClause);
    return [{ kind: "update", table: named(relation), all, columns }];
  }
  if ("InsertStmt" in node) {
    const { relation, selectStmt } = node.InsertStmt;
    const query = selectStmt && "SelectStmt" in selectStmt ? selectStmt.SelectStmt : undefined;
    return [{ kind: "insert", table: named(relation), fromQuery: query?.fromClause !== undefined }];
  }
  return undefined;
}

function otherActions(node: Node): Action[] {
  if ("VacuumStmt" in node) {
    const { is_vacuumcmd: isVacuum, options, rels = [] } = node.VacuumStmt;
    if (!isVacuum || !hasOption(options, "full")) return [];
    const tables = rels.map((one) =>
      "VacuumRelation" in one ? named(one.VacuumRelation.relation) : undefined,
    );
    return (tables.length === 0 ? [undefined] : tables).map((table) => ({
      kind: "vacuum-full",
      table,
    }));
  }
  if ("ClusterStmt" in node) {
    const { relation } = node.ClusterStmt;
    return [{ kind: "cluster", table: relation && relationName(relation) }];
  }
  if ("RefreshMatViewStmt" in node) {
    const { concurrent, relation, skipData } = node.RefreshMatViewStmt;
    return skipData
      ? []
      : [{ kind: "refresh-view", view: named(relation), concurrently: concurrent === true }];
  }
  if ("ViewStmt" in node) {
    const { replace, view } = node.ViewStmt;
    return [{ kind: "create-view", view: named(view), replace: replace === true }];
  }
  if ("CreateTrigStmt" in node) {
    const { relation, trigname = "" } = node.CreateTrigStmt;
    return [{ kind: "create-trigger", table: named(relation), name: trigname }];
  }
  if ("CreatePolicyStmt" in node) {
    const { policy_name: name = "", table } = node.CreatePolicyStmt;
    return [{ kind: "policy", table: named(table), name, change: "create" }];
  }
  if ("AlterPolicyStmt" in node) {
    const { policy_name: name = "", table } = node.AlterPolicyStmt;
    return [{ kind: "policy", table: named(table), name, change: "alter" }];
  }
  if ("GrantStmt" in node) {
    const { is_grant: isGrant, objects, objtype, privileges = [], targtype } = node.GrantStmt;
    if (objtype !== "OBJECT_TABLE" || targtype !== "ACL_TARGET_OBJECT") return [];
    const names = privileges.flatMap((one) =>
      "AccessPriv" in one ? (one.AccessPriv.priv_name ?? []) : [],
    );
    return [{ kind: isGrant ? "grant" : "revoke", tables: namesIn(objects), privileges: names }];
  }
  if ("LockStmt" in node) return [{ kind: "lock", tables: namesIn(node.LockStmt.relations) }];
  return [];
}

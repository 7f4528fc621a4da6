import type { CommentStmt, CreateStmt, Node, RangeVar, RenameStmt } from "libpg-query";
import { listName, withoutLast } from "../../sql/parsed-statement.ts";
import { planAlterTable } from "./alter.ts";
import type { LockCatalogue } from "./catalogue.ts";
import { planDrop } from "./drop.ts";
import { keysOfPartition } from "./foreign-keys.ts";
import { planCluster, planRefresh, planReindex, planVacuum } from "./maintenance.ts";
import { lockModes, type StatementPlan } from "./modes.ts";
import {
  effects,
  named,
  namedIn,
  nothing,
  on,
  together,
  withFamily,
  withPartitions,
} from "./parts.ts";
import { planRows } from "./rows.ts";

/** The statements one by one. A table may be in a plan's locks more than once. */

export function planOf(node: Node, catalogue: LockCatalogue): StatementPlan {
  if ("AlterTableStmt" in node) return planAlterTable(node.AlterTableStmt, catalogue);
  if ("IndexStmt" in node) {
    const { relation, concurrent } = node.IndexStmt;
    const reason = concurrent ? "reads the table twice" : "builds the index";
    return {
      ...on(withPartitions(relation, catalogue), concurrent ? "SHARE UPDATE EXCLUSIVE" : "SHARE"),
      effects: effects("scan", named(relation), reason),
    };
  }
  if ("CreateStmt" in node) return planCreateTable(node.CreateStmt, catalogue);
  if ("DropStmt" in node) return planDrop(node.DropStmt, catalogue) ?? nothing;
  if ("RenameStmt" in node) return planRename(node.RenameStmt, catalogue);
  if ("AlterObjectSchemaStmt" in node) {
    return on(named(node.AlterObjectSchemaStmt.relation), "ACCESS EXCLUSIVE");
  }
  if ("CreateTrigStmt" in node) {
    const { constrrel, relation } = node.CreateTrigStmt;
    return together(
      on(withPartitions(relation, catalogue), "SHARE ROW EXCLUSIVE"),
      on(named(constrrel), "ACCESS SHARE"),
    );
  }
  if ("RuleStmt" in node) {
    const { actions = [], relation } = node.RuleStmt;
    return together(on(named(relation), "ACCESS EXCLUSIVE"), planRows(actions, catalogue, false));
  }
  if ("CreatePolicyStmt" in node) {
    return planPolicy(node.CreatePolicyStmt.table, node, catalogue);
  }
  if ("AlterPolicyStmt" in node) return planPolicy(node.AlterPolicyStmt.table, node, catalogue);
  if ("CreateStatsStmt" in node) {
    return on(namedIn(node.CreateStatsStmt.relations).flatMap(named), "SHARE UPDATE EXCLUSIVE");
  }
  if ("CreatePublicationStmt" in node) {
    return planPublication(node.CreatePublicationStmt.pubobjects);
  }
  if ("AlterPublicationStmt" in node) return planPublication(node.AlterPublicationStmt.pubobjects);
  if ("CommentStmt" in node) return planComment(node.CommentStmt);
  if ("GrantStmt" in node) {
    const { objects, objtype, targtype } = node.GrantStmt;
    if (objtype !== "OBJECT_TABLE" || targtype !== "ACL_TARGET_OBJECT") return nothing;
    return on(namedIn(objects).flatMap(named), "ACCESS SHARE");
  }
  if ("TruncateStmt" in node) {
    const { behavior, relations } = node.TruncateStmt;
    const tables = namedIn(relations).flatMap((relation) => withFamily(relation, catalogue));
    const all = behavior === "DROP_CASCADE" ? withReferencing(tables, catalogue) : tables;
    return on(all, "ACCESS EXCLUSIVE");
  }
  if ("RefreshMatViewStmt" in node) return planRefresh(node.RefreshMatViewStmt, catalogue);
  if ("VacuumStmt" in node) return planVacuum(node.VacuumStmt, catalogue);
  if ("ClusterStmt" in node) return planCluster(node.ClusterStmt, catalogue);
  if ("ReindexStmt" in node) return planReindex(node.ReindexStmt, catalogue);
  if ("LockStmt" in node) {
    const mode = lockModes[(node.LockStmt.mode ?? lockModes.length) - 1] ?? "ACCESS EXCLUSIVE";
    const tables = namedIn(node.LockStmt.relations).flatMap((relation) => [
      ...withFamily(relation, catalogue),
      ...named(relation).flatMap((name) => catalogue.behindView(name)),
    ]);
    return on(tables, mode);
  }
  if ("ViewStmt" in node) {
    const { replace, view } = node.ViewStmt;
    return together(
      on(replace ? named(view) : [], "ACCESS EXCLUSIVE"),
      planRows(node, catalogue, false),
    );
  }
  if ("CopyStmt" in node && node.CopyStmt.relation && !node.CopyStmt.is_from) {
    return on(named(node.CopyStmt.relation), "ACCESS SHARE");
  }
  if ("CreateFunctionStmt" in node) {
    return together(planRows(node.CreateFunctionStmt.sql_body ?? [], catalogue, false));
  }
  if (isOnRows(node)) return together(planRows(node, catalogue));
  return {
    ...nothing,
    opaque: "DoStmt" in node || "CallStmt" in node || checksDomain(node),
  };
}

/** SET NOT NULL, ADD and VALIDATE CONSTRAINT: the tables with columns of the domain are read. */
const checksDomain = (node: Node): boolean =>
  "AlterDomainStmt" in node && /^[OCV]$/.test(node.AlterDomainStmt.subtype ?? "");

const onRows =
  /^(?:Select|Insert|Update|Delete|Merge|Copy|CreateTableAs|DeclareCursor|Explain|Prepare)Stmt$/;

const isOnRows = (node: Node): boolean => Object.keys(node).some((kind) => onRows.test(kind));

/** Foreign keys lock the tables that they point to, and a partition its parent and what that is tied to. */
function planCreateTable(statement: CreateStmt, catalogue: LockCatalogue): StatementPlan {
  const { inhRelations = [], partbound, tableElts = [] } = statement;
  const constraints = tableElts.flatMap((element) =>
    "ColumnDef" in element ? (element.ColumnDef.constraints ?? []) : [element],
  );
  const referenced = constraints.flatMap((constraint) =>
    "Constraint" in constraint ? named(constraint.Constraint.pktable) : [],
  );
  const likened = tableElts.flatMap((element) =>
    "TableLikeClause" in element ? named(element.TableLikeClause.relation) : [],
  );
  const parents = namedIn(inhRelations).flatMap(named);
  const tied = partbound ? parents : [];
  return together(
    on(parents, partbound ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE"),
    on(
      tied.flatMap((parent) => catalogue.defaultPartition(parent) ?? []),
      "ACCESS EXCLUSIVE",
    ),
    ...tied.map((parent) => ({
      locks: keysOfPartition(parent, catalogue, "attached"),
      effects: [],
    })),
    on(
      referenced.flatMap((table) => catalogue.partitions(table)),
      "SHARE ROW EXCLUSIVE",
    ),
    on(likened, "ACCESS SHARE"),
  );
}

function planRename(statement: RenameStmt, catalogue: LockCatalogue): StatementPlan {
  const { relation, renameType, subname } = statement;
  if (renameType === "OBJECT_INDEX") return on(named(relation), "SHARE UPDATE EXCLUSIVE");
  const [table = ""] = named(relation);
  const inherited =
    renameType === "OBJECT_COLUMN" ||
    (renameType === "OBJECT_TABCONSTRAINT" && isInherited(table, subname, catalogue));
  const tables = inherited
    ? withFamily(relation, catalogue)
    : renameType === "OBJECT_TRIGGER"
      ? withPartitions(relation, catalogue)
      : named(relation);
  return on(tables, "ACCESS EXCLUSIVE");
}

/** Of the constraints, a foreign key and what has an index are each table's own. */
function isInherited(table: string, name: string | undefined, catalogue: LockCatalogue): boolean {
  return !(
    catalogue.foreignKeysOf(table).some((key) => key.name === name) ||
    (name !== undefined && catalogue.hasIndex(table, name))
  );
}

function planPolicy(
  table: RangeVar | undefined,
  node: Extract<Node, { CreatePolicyStmt: unknown } | { AlterPolicyStmt: unknown }>,
  catalogue: LockCatalogue,
): StatementPlan {
  return together(on(named(table), "ACCESS EXCLUSIVE"), planRows(node, catalogue, false));
}

function planPublication(objects: Node[] = []): StatementPlan {
  const tables = objects.flatMap((object) =>
    "PublicationObjSpec" in object ? named(object.PublicationObjSpec.pubtable?.relation) : [],
  );
  return on(tables, "SHARE UPDATE EXCLUSIVE");
}

function planComment({ objtype, object }: CommentStmt): StatementPlan {
  if (object === undefined) return nothing;
  const name = listName(object);
  switch (objtype) {
    case "OBJECT_TABLE":
    case "OBJECT_VIEW":
    case "OBJECT_MATVIEW":
    case "OBJECT_FOREIGN_TABLE":
    case "OBJECT_INDEX":
      return on([name], "SHARE UPDATE EXCLUSIVE");
    case "OBJECT_COLUMN":
      return on([withoutLast(name)], "SHARE UPDATE EXCLUSIVE");
    case "OBJECT_TABCONSTRAINT":
    case "OBJECT_TRIGGER":
    case "OBJECT_POLICY":
    case "OBJECT_RULE":
      return on([withoutLast(name)], "ACCESS SHARE");
    default:
      return nothing;
  }
}

/** TRUNCATE ... CASCADE goes on to the tables that refer to those, and from these further on. */
function withReferencing(tables: string[], catalogue: LockCatalogue): string[] {
  const all = new Set(tables);
  for (const table of all) {
    for (const key of [table, ...catalogue.wholes(table)].flatMap((one) =>
      catalogue.foreignKeysTo(one),
    )) {
      for (const one of catalogue.family(key.table)) all.add(one);
    }
  }
  return [...all];
}

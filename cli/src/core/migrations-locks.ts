import type { Node, RangeVar } from "libpg-query";
import { planAlterTable } from "./migrations-locks-alter.ts";
import { hasOption, listName, relationName } from "./migrations-statement.ts";

/**
 * Which lock a statement takes on which table, and what it does to the table's rows. Source: the
 * documentation of PostgreSQL 18, "Explicit Locking: Table-Level Locks" (13.3.1) and the reference pages
 * of the commands. What a function, trigger or block does inside is not in the statement's text.
 */

/** From the weakest to the strongest; LOCK TABLE's own numbers are the places in this list, from 1. */
const lockModes = [
  "ACCESS SHARE",
  "ROW SHARE",
  "ROW EXCLUSIVE",
  "SHARE UPDATE EXCLUSIVE",
  "SHARE",
  "SHARE ROW EXCLUSIVE",
  "EXCLUSIVE",
  "ACCESS EXCLUSIVE",
] as const;

export type LockMode = (typeof lockModes)[number];

export interface TableLock {
  /** Quoted as SQL has it: `"public"."a"`. */
  table: string;
  mode: LockMode;
}

export interface TableEffect {
  kind: "rewrite" | "scan";
  table: string;
  /** Why, and when it does not come to that. */
  reason: string;
}

export interface StatementPlan {
  locks: TableLock[];
  effects: TableEffect[];
  /** It runs code that may lock anything. */
  opaque: boolean;
}

/** What others can no longer do on the table while the lock is held. */
export function blocks(mode: LockMode): string {
  switch (mode) {
    case "ACCESS SHARE":
    case "ROW SHARE":
    case "ROW EXCLUSIVE":
      return "blocks no reads or writes";
    case "SHARE UPDATE EXCLUSIVE":
      return "blocks other schema changes only";
    case "SHARE":
    case "SHARE ROW EXCLUSIVE":
    case "EXCLUSIVE":
      return "blocks writes";
    case "ACCESS EXCLUSIVE":
      return "blocks reads and writes";
  }
}

export function planStatement(node: Node): StatementPlan {
  const named = planOf(node);
  if (named !== undefined) return { ...named, opaque: false };
  return { locks: [], effects: [], opaque: "DoStmt" in node || "CallStmt" in node };
}

type Plan = Omit<StatementPlan, "opaque">;

const lock = (relation: RangeVar | undefined, mode: LockMode): TableLock[] =>
  relation === undefined ? [] : [{ table: relationName(relation), mode }];
const only = (relation: RangeVar | undefined, mode: LockMode): Plan => ({
  locks: lock(relation, mode),
  effects: [],
});
const effect = (
  kind: TableEffect["kind"],
  relation: RangeVar | undefined,
  reason: string,
): TableEffect[] =>
  relation === undefined ? [] : [{ kind, table: relationName(relation), reason }];

function planOf(node: Node): Plan | undefined {
  if ("AlterTableStmt" in node) return planAlterTable(node.AlterTableStmt);
  if ("IndexStmt" in node) {
    const { relation, concurrent } = node.IndexStmt;
    return {
      locks: lock(relation, concurrent ? "SHARE UPDATE EXCLUSIVE" : "SHARE"),
      effects: effect("scan", relation, concurrent ? "reads the table twice" : "builds the index"),
    };
  }
  if ("CreateStmt" in node) return planCreateTable(node);
  if ("DropStmt" in node) return planDrop(node);
  if ("RenameStmt" in node) {
    const { relation, renameType } = node.RenameStmt;
    const mode = renameType === "OBJECT_INDEX" ? "SHARE UPDATE EXCLUSIVE" : "ACCESS EXCLUSIVE";
    return only(relation, mode);
  }
  if ("AlterObjectSchemaStmt" in node) {
    return only(node.AlterObjectSchemaStmt.relation, "ACCESS EXCLUSIVE");
  }
  if ("CreateTrigStmt" in node) return only(node.CreateTrigStmt.relation, "SHARE ROW EXCLUSIVE");
  if ("RuleStmt" in node) return only(node.RuleStmt.relation, "ACCESS EXCLUSIVE");
  if ("CreatePolicyStmt" in node) return only(node.CreatePolicyStmt.table, "ACCESS EXCLUSIVE");
  if ("AlterPolicyStmt" in node) return only(node.AlterPolicyStmt.table, "ACCESS EXCLUSIVE");
  if ("CreateStatsStmt" in node) {
    return locking(node.CreateStatsStmt.relations, "SHARE UPDATE EXCLUSIVE");
  }
  if ("CommentStmt" in node) {
    const { objtype, object } = node.CommentStmt;
    if (objtype !== "OBJECT_TABLE" || object === undefined) return undefined;
    return { locks: [{ table: listName(object), mode: "SHARE UPDATE EXCLUSIVE" }], effects: [] };
  }
  if ("TruncateStmt" in node) return locking(node.TruncateStmt.relations, "ACCESS EXCLUSIVE");
  if ("RefreshMatViewStmt" in node) {
    const { relation, concurrent } = node.RefreshMatViewStmt;
    return {
      locks: lock(relation, concurrent ? "EXCLUSIVE" : "ACCESS EXCLUSIVE"),
      effects: effect("rewrite", relation, "the view is computed anew"),
    };
  }
  if ("VacuumStmt" in node) return planVacuum(node);
  if ("ClusterStmt" in node) {
    const { relation } = node.ClusterStmt;
    return {
      locks: lock(relation, "ACCESS EXCLUSIVE"),
      effects: effect("rewrite", relation, "the rows are put in order"),
    };
  }
  if ("ReindexStmt" in node) {
    const { relation, params } = node.ReindexStmt;
    const concurrently = hasOption(params, "concurrently");
    return {
      locks: lock(relation, concurrently ? "SHARE UPDATE EXCLUSIVE" : "ACCESS EXCLUSIVE"),
      effects: effect("scan", relation, "the index is built anew"),
    };
  }
  if ("LockStmt" in node) {
    const mode = lockModes[(node.LockStmt.mode ?? lockModes.length) - 1] ?? "ACCESS EXCLUSIVE";
    return locking(node.LockStmt.relations, mode);
  }
  return planRows(node);
}

/** INSERT, UPDATE, DELETE, MERGE and what only reads. */
function planRows(node: Node): Plan | undefined {
  const changing =
    "InsertStmt" in node
      ? { into: node.InsertStmt.relation, whole: false }
      : "UpdateStmt" in node
        ? { into: node.UpdateStmt.relation, whole: node.UpdateStmt.whereClause === undefined }
        : "DeleteStmt" in node
          ? { into: node.DeleteStmt.relation, whole: node.DeleteStmt.whereClause === undefined }
          : "MergeStmt" in node
            ? { into: node.MergeStmt.relation, whole: false }
            : undefined;
  const reads =
    changing ?? ("SelectStmt" in node || "ViewStmt" in node || "CreateTableAsStmt" in node);
  if (!reads) return undefined;
  const into = lock(changing?.into, "ROW EXCLUSIVE");
  const target =
    "ViewStmt" in node
      ? node.ViewStmt.view
      : "CreateTableAsStmt" in node
        ? node.CreateTableAsStmt.into?.rel
        : undefined;
  const made = target === undefined ? undefined : relationName(target);
  const forUpdate = "SelectStmt" in node && node.SelectStmt.lockingClause !== undefined;
  const read = tablesIn(node)
    .filter((table) => table !== into[0]?.table && table !== made)
    .map((table): TableLock => ({ table, mode: forUpdate ? "ROW SHARE" : "ACCESS SHARE" }));
  return {
    locks: [...into, ...read],
    effects: changing?.whole ? effect("scan", changing.into, "it has no WHERE: every row") : [],
  };
}

function locking(relations: Node[] | undefined, mode: LockMode): Plan {
  const locks = (relations ?? []).flatMap((relation) =>
    "RangeVar" in relation ? lock(relation.RangeVar, mode) : [],
  );
  return { locks, effects: [] };
}

/** Foreign keys lock the tables that they point to, and a partition its parent. */
function planCreateTable(node: Extract<Node, { CreateStmt: unknown }>): Plan {
  const { inhRelations = [], partbound, tableElts = [] } = node.CreateStmt;
  const columns = tableElts.flatMap((element) =>
    "ColumnDef" in element ? (element.ColumnDef.constraints ?? []) : [element],
  );
  const referenced = columns.flatMap((constraint) =>
    "Constraint" in constraint ? lock(constraint.Constraint.pktable, "SHARE ROW EXCLUSIVE") : [],
  );
  const parents = locking(inhRelations, partbound ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE");
  return { locks: [...parents.locks, ...referenced], effects: [] };
}

function planDrop(node: Extract<Node, { DropStmt: unknown }>): Plan | undefined {
  const { concurrent, objects = [], removeType } = node.DropStmt;
  switch (removeType) {
    case "OBJECT_TABLE":
    case "OBJECT_VIEW":
    case "OBJECT_MATVIEW":
    case "OBJECT_INDEX": {
      const mode = concurrent ? "SHARE UPDATE EXCLUSIVE" : "ACCESS EXCLUSIVE";
      return { locks: objects.map((object) => ({ table: listName(object), mode })), effects: [] };
    }
    case "OBJECT_TRIGGER":
    case "OBJECT_POLICY":
    case "OBJECT_RULE":
      // The table's name with the object's behind it.
      return {
        locks: objects.map((object) => ({
          table: listName(object).replace(/\.?"(?:[^"]|"")*"$/, ""),
          mode: "ACCESS EXCLUSIVE",
        })),
        effects: [],
      };
    default:
      return undefined;
  }
}

function planVacuum(node: Extract<Node, { VacuumStmt: unknown }>): Plan {
  const { is_vacuumcmd: isVacuum, options, rels = [] } = node.VacuumStmt;
  const full = isVacuum && hasOption(options, "full");
  const relations = rels.flatMap((rel) =>
    "VacuumRelation" in rel ? (rel.VacuumRelation.relation ?? []) : [],
  );
  const mode = full ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE";
  return {
    locks: relations.flatMap((relation) => lock(relation, mode)),
    effects: relations.flatMap((relation) =>
      full ? effect("rewrite", relation, "VACUUM FULL copies the table") : [],
    ),
  };
}

/** Every table that a tree names, except for its own WITH queries. */
function tablesIn(tree: unknown): string[] {
  const tables = new Set<string>();
  const own = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      if (key === "RangeVar" || key === "relation" || key === "rel") {
        if ((child as RangeVar).relname) tables.add(relationName(child as RangeVar));
      } else if (key === "CommonTableExpr") {
        own.add(relationName({ relname: (child as { ctename: string }).ctename }));
      }
      visit(child);
    }
  };
  visit(tree);
  return [...tables].filter((table) => !own.has(table));
}

import type { AlterTableStmt, DefElem, Node, RangeVar, ReindexStmt } from "libpg-query";
import { quoteIdentifier } from "../../postgres/quote.ts";

/**
 * A statement that no transaction may be around, by what a later run has to look at to tell whether
 * it was carried out (a run can die between the statement and the note of it).
 */
export type NonTransactional =
  | { kind: "create-index"; table: string; index: string | undefined }
  | { kind: "drop-index"; index: string }
  | { kind: "reindex"; concurrently: boolean }
  | { kind: "detach-partition"; table: string; partition: string }
  | { kind: "create"; catalog: NamedCatalog; name: string }
  | { kind: "drop"; catalog: NamedCatalog; name: string }
  /** Doing it twice is the same as doing it once. */
  | { kind: "repeatable" }
  /** What has become of it cannot be told from outside. */
  | { kind: "opaque" };

export type NamedCatalog = "pg_database" | "pg_tablespace" | "pg_subscription";

/** Holds for every text with a statement that `nonTransactionalKind`, `addsEnumValue` or `wantsBatches` picks out, and a few more. */
export function mayNeedSteps(sql: string): boolean {
  return /concurrently|vacuum|cluster|reindex|database|tablespace|subscription|\b(?:system|discard|value)\b|ds:(?:no-transaction|batches)/i.test(
    sql,
  );
}

/** The header by which a migration asks that none of its statements be run in a transaction with others. */
export function wantsNoTransaction(sql: string): boolean {
  for (const line of sql.split("\n")) {
    if (/^\s*--\s*ds:no-transaction\s*$/.test(line)) return true;
    if (!/^\s*(?:--.*)?$/.test(line)) return false;
  }
  return false;
}

/**
 * What Postgres 18 refuses within a transaction (every caller of its PreventInTransactionBlock);
 * undefined for all else.
 */
export function nonTransactionalKind(node: Node): NonTransactional | undefined {
  if ("IndexStmt" in node) {
    const { concurrent, relation, idxname } = node.IndexStmt;
    if (!concurrent || relation === undefined) return undefined;
    return { kind: "create-index", table: relationName(relation), index: idxname };
  }
  if ("DropStmt" in node) {
    const { concurrent, objects } = node.DropStmt;
    const [first] = objects ?? [];
    return concurrent && first !== undefined
      ? { kind: "drop-index", index: listName(first) }
      : undefined;
  }
  if ("ReindexStmt" in node) return reindexKind(node.ReindexStmt);
  if ("AlterTableStmt" in node) return detachKind(node.AlterTableStmt);
  if ("VacuumStmt" in node)
    return node.VacuumStmt.is_vacuumcmd ? { kind: "repeatable" } : undefined;
  if ("ClusterStmt" in node) {
    return node.ClusterStmt.relation === undefined ? { kind: "repeatable" } : undefined;
  }
  if ("AlterSystemStmt" in node) return { kind: "repeatable" };
  if (discardsAll(node)) return { kind: "repeatable" };
  if ("CreatedbStmt" in node) return create("pg_database", node.CreatedbStmt.dbname);
  if ("DropdbStmt" in node) return drop("pg_database", node.DropdbStmt.dbname);
  if ("CreateTableSpaceStmt" in node) {
    return create("pg_tablespace", node.CreateTableSpaceStmt.tablespacename);
  }
  if ("DropTableSpaceStmt" in node) {
    return drop("pg_tablespace", node.DropTableSpaceStmt.tablespacename);
  }
  if ("CreateSubscriptionStmt" in node) {
    return create("pg_subscription", node.CreateSubscriptionStmt.subname);
  }
  if ("DropSubscriptionStmt" in node) {
    return drop("pg_subscription", node.DropSubscriptionStmt.subname);
  }
  if ("AlterSubscriptionStmt" in node) return { kind: "opaque" };
  if ("AlterDatabaseStmt" in node) {
    return hasOption(node.AlterDatabaseStmt.options, "tablespace")
      ? { kind: "repeatable" }
      : undefined;
  }
  return undefined;
}

/**
 * What stands alone with the header `ds:no-transaction` only: procedures and blocks that may commit by
 * themselves, and what Postgres refuses in a transaction if its table turns out to be partitioned.
 */
export function nonTransactionalIfAsked(node: Node): NonTransactional | undefined {
  if ("CallStmt" in node || "DoStmt" in node) return { kind: "opaque" };
  if ("ClusterStmt" in node) return { kind: "repeatable" };
  return "ReindexStmt" in node ? { kind: "reindex", concurrently: false } : undefined;
}

/** These wait for others without making anybody wait behind them. */
export function waitsPolitely(alone: NonTransactional): boolean {
  return (
    alone.kind === "create-index" ||
    alone.kind === "drop-index" ||
    alone.kind === "detach-partition" ||
    (alone.kind === "reindex" && alone.concurrently)
  );
}

/** A new value of an enum cannot be used before it is committed. */
export function addsEnumValue(node: Node): boolean {
  return "AlterEnumStmt" in node && node.AlterEnumStmt.oldVal === undefined;
}

export const discardsAll = (node: Node): boolean =>
  "DiscardStmt" in node && node.DiscardStmt.target === "DISCARD_ALL";

/** SET, RESET and set_config() that outlive their transaction, so that later steps have to find them in force. */
export function setsSession(node: Node): boolean {
  if ("SelectStmt" in node) return (node.SelectStmt.targetList ?? []).some(isSetConfig);
  if (!("VariableSetStmt" in node)) return false;
  const { is_local: isLocal, kind, name } = node.VariableSetStmt;
  return !isLocal && !(kind === "VAR_SET_MULTI" && name === "TRANSACTION");
}

/** `set_config(…, false)`, as pg_dump begins with it. */
function isSetConfig(target: Node): boolean {
  const value = "ResTarget" in target ? target.ResTarget.val : undefined;
  if (value === undefined || !("FuncCall" in value)) return false;
  const { args = [], funcname = [] } = value.FuncCall;
  const [name, isLocal] = [funcname.at(-1), args[2]];
  return (
    name !== undefined &&
    "String" in name &&
    name.String.sval === "set_config" &&
    isLocal !== undefined &&
    "A_Const" in isLocal &&
    isLocal.A_Const.boolval?.boolval !== true
  );
}

/** As it can be cast to regclass: `"public"."a"`. */
export function relationName({ schemaname, relname }: RangeVar): string {
  return [schemaname, relname].flatMap((part) => (part ? [quoteIdentifier(part)] : [])).join(".");
}

/** The name that DROP has: a list of identifiers. */
export function listName(node: Node): string {
  const items = "List" in node ? (node.List.items ?? []) : [node];
  return items
    .flatMap((item) =>
      "String" in item && item.String.sval ? [quoteIdentifier(item.String.sval)] : [],
    )
    .join(".");
}

/** Of a table and something on it, as DROP TRIGGER has them, the table. */
export const withoutLast = (name: string): string => name.replace(/\.?"(?:[^"]|"")*"$/, "");

export function hasOption(options: Node[] | undefined, name: string): boolean {
  return definitions(options).some((option) => option.defname === name && !isFalse(option.arg));
}

function definitions(options: Node[] = []): DefElem[] {
  return options.flatMap((option) => ("DefElem" in option ? [option.DefElem] : []));
}

/** `(concurrently false)`, `off`, `0`. */
function isFalse(argument: Node | undefined): boolean {
  if (argument === undefined) return false;
  if ("String" in argument) return /^(?:false|off|0)$/i.test(argument.String.sval ?? "");
  if ("Boolean" in argument) return !argument.Boolean.boolval;
  return "Integer" in argument && !argument.Integer.ival;
}

function reindexKind({ kind, params }: ReindexStmt): NonTransactional | undefined {
  const several = kind !== "REINDEX_OBJECT_INDEX" && kind !== "REINDEX_OBJECT_TABLE";
  const concurrently = hasOption(params, "concurrently");
  return several || concurrently ? { kind: "reindex", concurrently } : undefined;
}

function detachKind({ relation, cmds = [] }: AlterTableStmt): NonTransactional | undefined {
  for (const command of cmds) {
    if (!("AlterTableCmd" in command) || relation === undefined) continue;
    const { subtype, def } = command.AlterTableCmd;
    if (subtype !== "AT_DetachPartition" || def === undefined || !("PartitionCmd" in def)) continue;
    const { concurrent, name } = def.PartitionCmd;
    if (!concurrent || name === undefined) continue;
    return {
      kind: "detach-partition",
      table: relationName(relation),
      partition: relationName(name),
    };
  }
  return undefined;
}

function create(catalog: NamedCatalog, name: string | undefined): NonTransactional {
  return name === undefined ? { kind: "opaque" } : { kind: "create", catalog, name };
}

function drop(catalog: NamedCatalog, name: string | undefined): NonTransactional {
  return name === undefined ? { kind: "opaque" } : { kind: "drop", catalog, name };
}

/** Whether the text may end the session's locks: by itself, or in a function that it calls. */
export const mayUnlock = (sql: string): boolean =>
  /\bdiscard\b|\b(?:select|call|do|execute|values)\b/i.test(sql);

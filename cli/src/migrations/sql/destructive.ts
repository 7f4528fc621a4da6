import type { Node } from "libpg-query";

type Nodes = Readonly<Record<string, unknown>>;

/**
 * What a statement may destroy, for a sentence ("drops a table"); undefined where it only adds, changes chosen rows or
 * reads. Blocks and procedures count, as nobody looks into them. A function that a query calls does not.
 */
export function destruction(node: Node): string | undefined {
  for (const [kind, value] of everyNode(node)) {
    const found = kinds[kind]?.(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

const kinds: Readonly<Record<string, (node: Nodes) => string | undefined>> = {
  DropStmt: ({ removeType }) => `drops ${objectName(removeType)}`,
  DropdbStmt: () => "drops a database",
  DropOwnedStmt: () => "drops what a role owns",
  DropRoleStmt: () => "drops a role",
  TruncateStmt: () => "truncates",
  DeleteStmt: ({ whereClause }) => (meansAll(whereClause) ? "deletes all rows" : undefined),
  UpdateStmt: ({ whereClause }) => (meansAll(whereClause) ? "updates all rows" : undefined),
  MergeWhenClause: ({ commandType, condition }) =>
    commandType === "CMD_DELETE" && meansAll(condition) ? "deletes rows by MERGE" : undefined,
  AlterTableCmd: ({ subtype }) => alterations[String(subtype)],
  DoStmt: () => "runs a block",
  CallStmt: () => "calls a procedure",
};

const alterations: Readonly<Record<string, string>> = {
  AT_DropColumn: "drops a column",
  AT_DropConstraint: "drops a constraint",
  AT_DropExpression: "drops an expression",
  AT_DropIdentity: "drops an identity",
  AT_AlterColumnType: "changes the type of a column",
};

const objectName = (type: unknown): string => {
  const name = String(type)
    .replace(/^OBJECT_/, "")
    .toLowerCase()
    .replaceAll("_", " ");
  return `${/^[aeiou]/.test(name) ? "an" : "a"} ${name}`;
};

/** No condition, or one that names no column and calls nothing: `true`, `1 = 1`. */
export function meansAll(condition: unknown): boolean {
  if (condition === undefined) return true;
  return ![...everyNode(condition)].some(
    ([kind]) => kind === "ColumnRef" || kind === "FuncCall" || kind === "SubLink",
  );
}

/** Every node of the tree by its kind, from the outermost on; also those without a kind's wrapper. */
function* everyNode(value: unknown): Generator<readonly [kind: string, node: Nodes]> {
  if (Array.isArray(value)) {
    for (const item of value) yield* everyNode(item);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== "object" || item === null) continue;
    if (/^[A-Z]/.test(key)) yield [key, item as Nodes];
    yield* everyNode(item);
  }
}

/** Names of the functions that a statement calls, without their schemas. */
export function calledFunctions(node: Node): string[] {
  return [...everyNode(node)].flatMap(([kind, { funcname }]) => {
    if (kind !== "FuncCall" || !Array.isArray(funcname)) return [];
    const last = funcname.at(-1) as { String?: { sval?: string } } | undefined;
    return last?.String?.sval ?? [];
  });
}

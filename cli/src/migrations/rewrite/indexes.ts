import { listName } from "../sql/parsed-statement.ts";
import {
  insertBehind,
  isPartitioned,
  type Left,
  left,
  type Original,
  type Rewritten,
} from "./statement.ts";

const says = "is a step of its own, outside of any transaction";

export function buildConcurrently(original: Original): Rewritten | Left {
  const { action, schema, text } = original;
  if (action.kind !== "create-index") return left("there is no safe way for this statement");
  const table = schema.table(action.table);
  if (table === undefined) return left("it is not known to be an index of an ordinary table");
  if (isPartitioned(original, table))
    return left("an index of a partitioned table cannot be built concurrently");
  return {
    statements: [insertBehind(text, "index", "CONCURRENTLY")],
    says: `the index is built concurrently, which ${says}`,
  };
}

export function dropConcurrently({ catalogue, node, text }: Original): Rewritten | Left {
  const statement = "DropStmt" in node ? node.DropStmt : undefined;
  if (statement === undefined) return left("there is no safe way for this statement");
  if ((statement.objects ?? []).length > 1)
    return left("it drops several indexes, and one at a time can be dropped concurrently");
  if (statement.behavior === "DROP_CASCADE")
    return left("DROP INDEX CONCURRENTLY knows no CASCADE");
  const [first] = statement.objects ?? [];
  if (first !== undefined && catalogue.find(listName(first))?.kind === "I")
    return left("an index of a partitioned table cannot be dropped concurrently");
  return {
    statements: [insertBehind(text, "index", "CONCURRENTLY")],
    says: `the index is dropped concurrently, which ${says}`,
  };
}

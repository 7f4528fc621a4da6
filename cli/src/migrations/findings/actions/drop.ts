import type { DropStmt, Node } from "libpg-query";
import { listName, withoutLast } from "../../sql/parsed-statement.ts";
import type { Action } from "./action.ts";
import { bareName, quotedName, strings } from "./names.ts";

export function drops({
  behavior,
  concurrent,
  missing_ok: missingOk,
  objects = [],
  removeType = "OBJECT_TABLE",
}: DropStmt): Action[] {
  const cascade = behavior === "DROP_CASCADE";
  return objects.map((object): Action => {
    const name = nameOf(object);
    switch (removeType) {
      case "OBJECT_TABLE":
      case "OBJECT_FOREIGN_TABLE":
        return { kind: "drop-table", table: name, cascade };
      case "OBJECT_VIEW":
      case "OBJECT_MATVIEW":
        return {
          kind: "drop-view",
          view: name,
          materialized: removeType === "OBJECT_MATVIEW",
          cascade,
        };
      case "OBJECT_SCHEMA":
        return { kind: "drop-schema", schema: bareName(name), cascade };
      case "OBJECT_INDEX":
        return {
          kind: "drop-index",
          index: name,
          concurrently: concurrent === true,
          ifExists: missingOk === true,
        };
      case "OBJECT_TYPE":
      case "OBJECT_DOMAIN":
        return { kind: "drop-type", type: name, cascade };
      case "OBJECT_POLICY":
        return { kind: "policy", table: withoutLast(name), name: bareName(name), change: "drop" };
      default:
        return { kind: "drop-other", what: word(removeType), name, cascade };
    }
  });
}

function nameOf(object: Node): string {
  if ("TypeName" in object) return quotedName(strings(object.TypeName.names));
  if ("ObjectWithArgs" in object) return quotedName(strings(object.ObjectWithArgs.objname));
  return listName(object);
}

export const word = (type: string): string =>
  type
    .replace(/^OBJECT_/, "")
    .toLowerCase()
    .replaceAll("_", " ");

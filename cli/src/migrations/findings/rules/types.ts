import type { ColumnType } from "../actions/action.ts";

/**
 * Whether a change of type stores every row anew. Source: PostgreSQL 18, ALTER TABLE, "Notes": not where the old type's
 * values can stay as they are (binary coercible), or where only a limit is raised.
 */
export function storesAnew(from: ColumnType, to: ColumnType): boolean {
  if (from.array !== to.array) return true;
  const [old = Number.POSITIVE_INFINITY, oldScale = 0] = from.modifiers;
  const [next = Number.POSITIVE_INFINITY, nextScale = 0] = to.modifiers;
  const isText = (type: ColumnType) => type.name === "text" || type.name === "varchar";
  if (isText(from) && isText(to)) return next < old;
  if (from.name !== to.name) return !(from.name === "cidr" && to.name === "inet");
  if (from.name === "numeric") {
    return (
      to.modifiers.length > 0 &&
      (from.modifiers.length === 0 || next < old || nextScale !== oldScale)
    );
  }
  if (/^(?:varbit|time|timetz|timestamp|timestamptz|interval)$/.test(from.name)) return next < old;
  // char(n) is stored with its blanks, bit(n) with all its bits.
  return JSON.stringify(from.modifiers) !== JSON.stringify(to.modifiers);
}

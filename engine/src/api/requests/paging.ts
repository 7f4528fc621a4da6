import { badRequest } from "../../lib/engine-error.ts";

/** Where in the sort order a page ended. Ties of `key` are broken by `id`. */
interface Position {
  key: string;
  id: string;
}

interface PageRequest<Item> {
  position(item: Item): Position;
  order: "asc" | "desc";
  /** Absent: everything that is left. */
  limit?: number | undefined;
  /** What an earlier page gave as its `end`. */
  cursor?: string | undefined;
}

interface Page<Item> {
  items: Item[];
  /** Cursor behind the last item; absent when the page is empty. */
  end?: string;
}

/**
 * Cuts one page out of a list. A cursor is a position, not an offset: items that come or go between
 * two requests neither repeat others nor hide them.
 */
export function page<Item>(items: readonly Item[], request: PageRequest<Item>): Page<Item> {
  const direction = request.order === "asc" ? 1 : -1;
  const compare = (a: Position, b: Position) =>
    direction * (compareText(a.key, b.key) || compareText(a.id, b.id));

  const entries = items.map((item) => ({ item, at: request.position(item) }));
  entries.sort((a, b) => compare(a.at, b.at));
  let rest = entries;
  if (request.cursor !== undefined && request.cursor !== "") {
    const after = decode(request.cursor);
    rest = entries.filter((entry) => compare(entry.at, after) > 0);
  }
  const taken = request.limit === undefined ? rest : rest.slice(0, request.limit);
  const last = taken.at(-1);
  return {
    items: taken.map((entry) => entry.item),
    ...(last && { end: encode(last.at) }),
  };
}

/** By code unit: the same on every machine, whatever its locale. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function encode(position: Position): string {
  return Buffer.from(JSON.stringify([position.key, position.id])).toString("base64url");
}

function decode(cursor: string): Position {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (Array.isArray(value) && typeof value[0] === "string" && typeof value[1] === "string") {
      return { key: value[0], id: value[1] };
    }
  } catch {
    // Said below, in the API's words.
  }
  throw badRequest("CURSOR_INVALID", "cursor is not one that this API gave out");
}

/**
 * `pagination` of the older lists (projects, operations). As in the cloud, every page that is not
 * empty has a cursor, the last one too: its clients stop at an empty page, or at one that is not full.
 */
export function cursorPagination({ end }: Page<unknown>): { pagination?: { cursor: string } } {
  return end === undefined ? {} : { pagination: { cursor: end } };
}

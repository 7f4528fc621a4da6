/** The words in which pg_walinspect describes records (PostgreSQL 16 to 18, src/backend/access/rmgrdesc). */

/** What the record of a commit says. Relations and files are named "<database>/<number>", by their oids. */
export interface CommitText {
  /** RFC 3339 with microseconds, in UTC. */
  at: string;
  /** Of a transaction that was prepared before: the record itself has another's number then. */
  preparedXid: string | undefined;
  subtransactions: string[];
  /** Files whose relations have no more use for them. */
  files: string[];
  /** Relations that are gone, such as were made by the same transaction included. */
  relations: string[];
}

const relationStatistics = "2";

/**
 * @param text `2026-12-01 12:47:54.57+00; rels: base/5/24577; subxacts: 7; dropped stats: 2/5/24577; inval msgs: …`,
 *   written by a session whose time zone is UTC
 */
export function parseCommit(text: string): CommitText {
  const [first = "", ...parts] = text.split("; ");
  const [, preparedXid, day, time] =
    /^(?:(\d+): )?(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)\+00$/.exec(first) ?? [];
  if (day === undefined || time === undefined) {
    throw new Error(`the log has a commit that cannot be read: ${first.slice(0, 100)}`);
  }
  const listed = (name: string) =>
    parts
      .find((part) => part.startsWith(`${name}: `))
      ?.slice(name.length + 2)
      .trim()
      .split(" ") ?? [];
  return {
    at: `${day}T${padded(time)}Z`,
    preparedXid,
    subtransactions: listed("subxacts"),
    files: listed("rels").map((path) => path.split("/").slice(-2).join("/")),
    relations: listed("dropped stats").flatMap((item) => {
      const [kind, database, oid] = item.split("/");
      return kind === relationStatistics && oid ? [`${database}/${oid}`] : [];
    }),
  };
}

function padded(time: string): string {
  const [whole = "", fraction = ""] = time.split(".");
  return `${whole}.${fraction.padEnd(6, "0")}`;
}

/** A row's place in a file, "(block,line)" as Postgres writes a ctid. */
export type RowPlace = string;

/** Where the rows of a record of the heap are and were; empty for what is neither. */
export function placesOf(
  type: string,
  description: string,
  blocks: string,
): { before: RowPlace[]; after: RowPlace[] } {
  const [block, olderBlock = block] = [...blocks.matchAll(/ blk (\d+)/g)].map(([, n]) => n);
  const line = (name: string) => new RegExp(`(?:^|, )${name}: (\\d+)`).exec(description)?.[1];
  const at = (in_: string | undefined, number: string | number | undefined): RowPlace[] =>
    in_ === undefined || number === undefined ? [] : [`(${in_},${number})`];
  const [operation] = type.split("+");
  switch (operation) {
    case "DELETE":
      return { before: at(block, line("off")), after: [] };
    case "UPDATE":
    case "HOT_UPDATE":
      return { before: at(olderBlock, line("old_off")), after: at(block, line("new_off")) };
    case "INSERT":
      return { before: [], after: at(block, line("off")) };
    case "MULTI_INSERT":
      return { before: [], after: linesOf(description).flatMap((number) => at(block, number)) };
    default:
      return { before: [], after: [] };
  }
}

/** Of rows that were inserted together; on a fresh page they have the first lines, and are not listed. */
function linesOf(description: string): number[] {
  const listed = /offsets: \[([\d, ]*)\]/.exec(description)?.[1];
  if (listed !== undefined) return listed.split(",").map(Number);
  const count = Number(/ntuples: (\d+)/.exec(description)?.[1] ?? 0);
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** How many rows that were there before a transaction it has deleted and updated, by its records in their order. */
export function countChanged(records: readonly { type: string; text: string; blocks: string }[]): {
  deleted: number;
  updated: number;
} {
  /** Rows that it has made: false where it is another version of one that was there. */
  const isNew = new Map<RowPlace, boolean>();
  const changed = { deleted: 0, updated: 0 };
  for (const { type, text, blocks } of records) {
    const { before, after } = placesOf(type, text, blocks);
    const [from] = before;
    const wasNew = from === undefined || isNew.get(from);
    if (from !== undefined) isNew.delete(from);
    if (wasNew === undefined && after.length > 0) changed.updated += 1;
    if (!wasNew && after.length === 0) changed.deleted += 1;
    for (const to of after) isNew.set(to, wasNew ?? false);
  }
  return changed;
}

import type { ComparedTable } from "./shape.ts";

// Which pages of a table can differ: those that the log of one side has changed since the two were the same.

/** Pages from the first to before the second; null: to the end of the file. */
export type PageRange = readonly [from: number, to: number | null];

/** What the API tells of two branches that have a past in common. */
export interface ChangedPages {
  /** When they were last the same, ISO 8601. */
  forkedAt: string;
  /** Files that have changed pages, by their numbers in pg_class; none of another file is changed. */
  files: readonly { tablespace: number; filenode: number; ranges: readonly PageRange[] }[];
  /** Object ids of tables in which rows on other pages may differ, too. */
  open: readonly number[];
}

/** Why it is not told for the two branches. */
export const pagesUnknown = [
  "NO_COMMON_HISTORY",
  "OPEN_TRANSACTIONS",
  "LOG_NOT_SUMMARIZED",
  "OTHER_DATABASE",
] as const;
export type PagesUnknown = (typeof pagesUnknown)[number];

/** Why all rows of a table are read though the changed pages are known. */
export type ReadWhole =
  /** A transaction that was open at the fork had written to it. */
  | "OPEN_TRANSACTION"
  /** It has another file, as after a rewrite or TRUNCATE. */
  | "REWRITTEN"
  /** Its columns, types or partitions are others, so that the same page may hold other rows. */
  | "OTHER_DEFINITION"
  /** Its pages are not in the log, or not what they are in other tables. */
  | "NOT_LOGGED"
  /** Values of its types depend on other things than its rows. */
  | "NAMES_OF_OBJECTS"
  /** Whether it may be read shows when it is. */
  | "NOT_READABLE";

/** How it was found which rows may differ. */
export type Way =
  | {
      by: "pages";
      /** When the two sides were last the same, ISO 8601. */
      forkedAt: string;
      /** Pages that were read on each side, and how many the compared tables have. */
      pagesRead: number;
      pages: number;
      /** Tables of which all rows were read. */
      whole: { table: string; why: ReadWhole }[];
    }
  /** All rows were read, and those sent that are not the same by their hashes. */
  | { by: "hashes"; why: PagesUnknown | "NOT_OFFERED" };

/** One file with rows: of an ordinary table, or a partition that has rows itself. */
export interface TableFile {
  oid: number;
  schema: string;
  name: string;
  /** 0: the database's own. */
  tablespace: number;
  filenode: number;
  /** Whether its changes are in the log: a permanent heap. */
  logged: boolean;
  /** Of a partition: which rows it takes. */
  bound: string | null;
  pages: number;
  columns: readonly FileColumn[];
  /** Of types that are no part of every database: what their values' texts depend on. */
  types: string | null;
  /** It has values whose texts are the names of other objects. */
  hasNames: boolean;
  readable: boolean;
}

interface FileColumn {
  name: string;
  /** All that turns the bytes of a row into a value. */
  reads: string;
  /** Its values are no part of the rows. */
  virtual: boolean;
}

/** What is to be read of a table. */
export interface PagePlan {
  /** Only files with pages to be read. */
  files: readonly { file: TableFile; ranges: readonly PageRange[] }[];
  read: number;
  /** Of all its files. */
  of: number;
}

export const isWhole = (plan: PagePlan | ReadWhole): plan is ReadWhole => typeof plan === "string";

/** Pages that are read of a table, or why all of its rows are. The files are those of both sides, in the same order. */
export function planPages(
  table: ComparedTable,
  before: readonly TableFile[],
  after: readonly TableFile[],
  { files: changed, open }: ChangedPages,
): PagePlan | ReadWhole {
  const pairs = after.map((file, index) => ({ file, old: before[index] }));
  if (before.length !== after.length || after.length === 0) return "OTHER_DEFINITION";
  const plan: { file: TableFile; ranges: readonly PageRange[] }[] = [];
  let [read, of] = [0, 0];
  for (const { file, old } of pairs) {
    const why = old ? whyWhole(table, old, file, open) : "OTHER_DEFINITION";
    if (why || !old) return why ?? "OTHER_DEFINITION";
    const pages = Math.max(old.pages, file.pages);
    const ranges =
      changed.find(
        ({ tablespace, filenode }) => tablespace === file.tablespace && filenode === file.filenode,
      )?.ranges ?? [];
    const here = ranges.filter(([from]) => from < pages);
    of += pages;
    read += here.reduce((sum, [from, to]) => sum + Math.min(to ?? pages, pages) - from, 0);
    if (here.length > 0) plan.push({ file, ranges: here });
  }
  return { files: plan, read, of };
}

function whyWhole(
  { columns }: ComparedTable,
  before: TableFile,
  after: TableFile,
  open: readonly number[],
): ReadWhole | undefined {
  if (!before.readable || !after.readable) return "NOT_READABLE";
  if (!before.logged || !after.logged) return "NOT_LOGGED";
  if (before.oid !== after.oid || before.bound !== after.bound) return "OTHER_DEFINITION";
  if (before.filenode !== after.filenode || before.tablespace !== after.tablespace) {
    return "REWRITTEN";
  }
  if (open.includes(after.oid)) return "OPEN_TRANSACTION";
  if (before.hasNames || after.hasNames) return "NAMES_OF_OBJECTS";
  if (before.types !== after.types) return "OTHER_DEFINITION";
  const isCompared = ({ name }: FileColumn) => columns.some((column) => column.name === name);
  // What a virtual column shows may depend on any other.
  const hasVirtual = after.columns.some((column) => column.virtual && isCompared(column));
  const counts = (column: FileColumn) => hasVirtual || isCompared(column);
  const readsOf = (file: TableFile) =>
    JSON.stringify(
      file.columns
        .filter(counts)
        .map(({ name, reads }) => [name, reads])
        .sort(),
    );
  return readsOf(before) === readsOf(after) ? undefined : "OTHER_DEFINITION";
}

/** Where the planner has never counted a table's rows. */
const usualPerPage = 60;

/** How many rows are on the pages that are read, about. */
export function rowsOnPages({ estimatedRows }: ComparedTable, { read, of }: PagePlan): number {
  return estimatedRows < 0 ? read * usualPerPage : (estimatedRows * read) / Math.max(1, of);
}

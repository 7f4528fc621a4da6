import { parseLsn } from "./lsn.ts";

/** A table of one database of a cluster, by their object ids. */
interface TableId {
  database: number;
  table: number;
}

/** A position in a log, before which two copies of a data directory have the same pages. */
export interface ForkPosition {
  lsn: string;
  /**
   * Tables that transactions had written to which were under way: their rows may appear on one side later, on pages
   * that do not change again. "unknown": there were such, and what they had written cannot be told.
   */
  open: TableId[] | "unknown";
}

/** Where a data directory was left by the copy that came of it. */
export interface ForkPoint extends ForkPosition {
  dataDir: string;
  /** ISO 8601. */
  at: string;
}

/** A data directory, and those that it is a copy of a copy of, the oldest first. */
export interface Line {
  dataDir: string;
  descent?: ForkPoint[] | undefined;
}

/** What a fork knows of where it left its source; without a position: its source has never run. */
export type KnownPosition = Omit<ForkPosition, "lsn"> & { lsn?: string };

const directories = ({ dataDir, descent = [] }: Line): string[] => [
  ...descent.map((point) => point.dataDir),
  dataDir,
];

/** The descent of a copy of `copiedFrom`, which is the source's directory or one that it descends from. */
export function descentOfCopy(
  source: Line,
  { copiedFrom, at, position }: { copiedFrom: string; at: string; position?: KnownPosition },
): ForkPoint[] | undefined {
  const index = directories(source).indexOf(copiedFrom);
  if (!position || index < 0) return undefined;
  const before = (source.descent ?? []).slice(0, index);
  const own = before.at(-1);
  const { lsn, open } = position;
  if (lsn !== undefined) return [...before, { dataDir: copiedFrom, at, lsn, open }];
  // What has never run is as it was when it was copied itself.
  if (!own) return undefined;
  const both = own.open === "unknown" || open === "unknown" ? "unknown" : [...own.open, ...open];
  return [...before, { dataDir: copiedFrom, at, lsn: own.lsn, open: both }];
}

/** Where the lines of two data directories part; undefined where it is not known that they have anything in common. */
export function commonFork(one: Line, other: Line): ForkPoint | undefined {
  const [left, right] = [directories(one), directories(other)];
  let last = -1;
  while (last + 1 < Math.min(left.length, right.length) && left[last + 1] === right[last + 1]) {
    last += 1;
  }
  const points = [one, other].flatMap(({ descent = [] }) => {
    const point = last < 0 ? undefined : descent[last];
    return point ? [point] : [];
  });
  const [first, second] = points.sort((a, b) => (lsnOf(a) < lsnOf(b) ? -1 : 1));
  if (!first || !second || lsnOf(second) > lsnOf(first)) return first;
  // Two copies of the same position: what was open is dead in both, but what was prepared is not.
  if (first.open === "unknown" || second.open === "unknown") return { ...first, open: "unknown" };
  return { ...first, open: [...first.open, ...second.open] };
}

const lsnOf = ({ lsn }: ForkPoint): bigint => parseLsn(lsn) ?? 0n;

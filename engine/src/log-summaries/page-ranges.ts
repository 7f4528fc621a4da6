/** Pages from the first to before the second; undefined: to the end of the file. */
export type PageRange = [from: number, to: number | undefined];

/** What a log changes of a file. */
export interface FileChanges {
  /** As Postgres writes a multirange of int8: `{[0,2),[7,8)}`. */
  pages: string | null;
  /** From this page on the file was cut off, made anew or dropped. */
  cutAt: number | null;
}

/** So many ranges of a file are told at most: beyond that, pages between them count, too. */
const mostRanges = 4096;

/** The pages that are changed by one log or another, in order and without overlaps. */
export function rangesOf(all: readonly FileChanges[], most = mostRanges): PageRange[] {
  const cuts = all.flatMap(({ cutAt }) => (cutAt === null ? [] : [cutAt]));
  const end = cuts.length > 0 ? Math.min(...cuts) : Number.POSITIVE_INFINITY;
  const found = all.flatMap(({ pages }) => parseMultirange(pages ?? ""));
  const below = found.filter(([from]) => from < end).sort(([one], [other]) => one - other);
  let ranges = merged(below, 0);
  for (let gap = 1; ranges.length > most; gap *= 2) ranges = merged(ranges, gap);
  const bounded = ranges.map(([from, to]): PageRange => [from, to]);
  return end === Number.POSITIVE_INFINITY ? bounded : [...bounded, [end, undefined]];
}

type Bounded = readonly [from: number, to: number];

/** Ranges in order, those as one that have no more than so many pages between them. */
function merged(ranges: readonly Bounded[], gap: number): Bounded[] {
  const result: [number, number][] = [];
  for (const [from, to] of ranges) {
    const last = result.at(-1);
    if (last && from <= last[1] + gap) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

const parseMultirange = (text: string): Bounded[] =>
  [...text.matchAll(/\[(\d+),(\d+)\)/g)].map(([, from, to]) => [Number(from), Number(to)]);

/** A run of blocks on the disk, in bytes. */
export interface Extent {
  from: number;
  to: number;
}

const blockBytes = 4096;

/**
 * What `filefrag -v -b4096` tells of files: where on the disk their blocks are. What has no place there yet, or
 * lies within the file system's own records, is left out.
 *
 *        0:        0..      63:      34816..     34879:     64:             last,shared,eof
 */
export function parseExtents(text: string): Extent[] {
  const extents: Extent[] = [];
  const line = /^\s*\d+:\s*\d+\.\.\s*\d+:\s*(\d+)\.\.\s*(\d+):\s*\d+:\s*(?:\d+:\s*)?(\S*)$/gm;
  for (const [, first, last, flags = ""] of text.matchAll(line)) {
    if (/unknown_loc|delalloc|inline/.test(flags)) continue;
    extents.push({ from: Number(first) * blockBytes, to: (Number(last) + 1) * blockBytes });
  }
  return extents;
}

export interface Shares {
  /** What only this owner's files have: it is free once they are gone. */
  own: Map<string, number>;
  /** All blocks, each counted once. */
  all: number;
}

/** Which blocks whose files share, in one pass over all of them by their place on the disk. */
export function sharesOf(owners: ReadonlyMap<string, readonly Extent[]>): Shares {
  const edges = [...owners].flatMap(([owner, extents]) =>
    extents.flatMap(({ from, to }) => [
      { at: from, owner, step: 1 },
      { at: to, owner, step: -1 },
    ]),
  );
  edges.sort((a, b) => a.at - b.at);
  const own = new Map([...owners.keys()].map((owner) => [owner, 0]));
  const open = new Map<string, number>();
  let all = 0;
  let before = 0;
  for (const { at, owner, step } of edges) {
    const bytes = at - before;
    if (open.size > 0) all += bytes;
    const [only] = open.size === 1 ? open.keys() : [];
    if (only !== undefined) own.set(only, (own.get(only) ?? 0) + bytes);
    before = at;
    const count = (open.get(owner) ?? 0) + step;
    if (count === 0) open.delete(owner);
    else open.set(owner, count);
  }
  return { own, all };
}

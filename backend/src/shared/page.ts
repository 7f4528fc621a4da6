/** A request for the newest entries older than an id. */
export interface PageRequest {
  before?: number | undefined;
  limit: number;
}

/** One page, newest first; `next` is the `before` of the next page, null on the last one. */
export interface Page<T> {
  entries: T[];
  next: number | null;
}

/** @param found up to `limit` + 1 entries: the one too many tells that there is another page */
export function toPage<T extends { id: number }>(found: T[], limit: number): Page<T> {
  const entries = found.slice(0, limit);
  const last = entries.at(-1);
  return { entries, next: found.length > limit && last ? last.id : null };
}

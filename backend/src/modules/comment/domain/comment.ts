import { Failure } from "../../../shared/errors.ts";

export interface NewComment {
  itemId: number;
  authorId: number;
  /** The comment this one answers; null starts a thread. */
  replyToId: number | null;
  body: string;
}

export interface Comment extends NewComment {
  id: number;
  createdAt: Date;
}

export interface Thread extends Comment {
  replies: Thread[];
}

/** @throws Failure when the answered comment belongs to another item */
export function assertSameItem(answered: Comment, itemId: number): void {
  if (answered.itemId === itemId) return;
  throw new Failure("invalid", `Comment ${answered.id} does not belong to item ${itemId}.`);
}

/** @param comments of one item, oldest first: an answer always comes after what it answers */
export function toThreads(comments: Comment[]): Thread[] {
  const byId = new Map<number, Thread>();
  const threads: Thread[] = [];
  for (const comment of comments) {
    const thread: Thread = { ...comment, replies: [] };
    byId.set(thread.id, thread);
    const answered = thread.replyToId === null ? undefined : byId.get(thread.replyToId);
    (answered?.replies ?? threads).push(thread);
  }
  return threads;
}

/** Whom a comment concerns: watchers, the assignee and who is answered, but not its own author. */
export function audience(concerned: {
  authorId: number;
  watcherIds: number[];
  assigneeId: number | null;
  answeredAuthorId: number | null;
}): number[] {
  const { authorId, watcherIds, assigneeId, answeredAuthorId } = concerned;
  const everyone = new Set([...watcherIds, assigneeId, answeredAuthorId]);
  return [...everyone].filter((userId): userId is number => userId !== null && userId !== authorId);
}

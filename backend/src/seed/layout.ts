import { GUESTS_PER_ORGANIZATION, type RowCounts } from "./size.ts";

/** Consecutive ids: `first` to `first + count - 1`. */
export interface IdRange {
  first: number;
  count: number;
}

/** Which ids belong to one organization. All that is kept in memory, whatever the number of rows. */
export interface OrganizationLayout {
  index: number;
  id: string;
  users: IdRange;
  boards: IdRange;
  items: IdRange;
  watchers: IdRange;
  comments: IdRange;
  attachments: IdRange;
  notifications: IdRange;
  guests: IdRange;
  /** The organization that the guests belong to. */
  guestsFrom: string;
}

/**
 * Organizations from large to small: the first, `org_demo`, is the largest.
 *
 * @param firstId where the ids of every table begin; other ids are other people, texts and numbers
 */
export function layOut(counts: RowCounts, firstId: number): OrganizationLayout[] {
  const weights = Array.from({ length: counts.organizations }, (_, index) => 1 / (index + 1));
  const users = divide(counts.users, weights, 4, firstId);
  const boards = divide(counts.boards, weights, 1, firstId);
  const items = divide(counts.items, weights, 1, firstId);
  const watchers = divide(counts.itemWatchers, weights, 1, firstId);
  const comments = divide(counts.comments, weights, 1, firstId);
  const attachments = divide(counts.attachments, weights, 1, firstId);
  const notifications = divide(counts.notifications, weights, 1, firstId);
  return weights.map((_, index) => ({
    index,
    id: organizationId(index),
    users: at(users, index),
    boards: at(boards, index),
    items: at(items, index),
    watchers: at(watchers, index),
    comments: at(comments, index),
    attachments: at(attachments, index),
    notifications: at(notifications, index),
    guests: {
      first: at(users, (index + 1) % counts.organizations).first,
      count: GUESTS_PER_ORGANIZATION,
    },
    guestsFrom: organizationId((index + 1) % counts.organizations),
  }));
}

function organizationId(index: number): string {
  return index === 0 ? "org_demo" : `org_${String(index).padStart(4, "0")}`;
}

/** Cuts `total` ids from `firstId` on into one range a weight, each with at least `minimum` ids. */
function divide(total: number, weights: number[], minimum: number, firstId: number): IdRange[] {
  const free = total - minimum * weights.length;
  if (free < 0)
    throw new RangeError(`${total} rows are too few for ${weights.length} organizations`);
  const weightSum = weights.reduce((sum, weight) => sum + weight, 0);
  let weightSoFar = 0;
  let first = firstId;
  return weights.map((weight, index) => {
    weightSoFar += weight;
    const isLast = index === weights.length - 1;
    const freeSoFar = isLast ? free : Math.floor((free * weightSoFar) / weightSum);
    const next = firstId + minimum * (index + 1) + freeSoFar;
    const range = { first, count: next - first };
    first = next;
    return range;
  });
}

function at(ranges: IdRange[], index: number): IdRange {
  const range = ranges[index];
  if (!range) throw new RangeError(`no organization ${index}`);
  return range;
}
